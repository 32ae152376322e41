import { createRequire } from "node:module";
import type { Address, Hex } from "@testudo/core/model/Hex";
import { encodeFunctionData } from "viem/utils";
import { beforeAll, describe, expect, test } from "vitest";
import type { Capsule, CapsuleTransaction, TransactionRole } from "../record/Capsule.ts";
import { SourcesDiffer } from "./candidateUpgrades.ts";
import { proposePatch } from "./proposePatch.ts";
import type { CompileSources, SolcOutput, Sources } from "./SolcOutput.ts";
import {
  alice,
  build,
  callTill,
  ether,
  keeper,
  openTillStage,
  sources,
  type TillStage,
  thief,
} from "./tillStage.testkit.ts";

const solc = createRequire(import.meta.url)("solc") as { compile(input: string): string };

// As `@testudo/contracts/compile` has them, so that the code is that of the stage.
const compile: CompileSources = (texts) => {
  const input = {
    language: "Solidity",
    sources: Object.fromEntries(Object.entries(texts).map(([unit, content]) => [unit, { content }])),
    settings: {
      optimizer: { enabled: true, runs: 10_000 },
      evmVersion: "cancun",
      metadata: { bytecodeHash: "none", appendCBOR: false },
      outputSelection: {
        "*": { "": ["ast"], "*": ["abi", "storageLayout", "evm.deployedBytecode", "evm.methodIdentifiers"] },
      },
    },
  };
  const output = JSON.parse(solc.compile(JSON.stringify(input)));
  const isFaulty = (output.errors ?? []).some((error: { severity: string }) => error.severity === "error");
  return isFaulty ? undefined : (output as SolcOutput);
};

let stage: TillStage;
beforeAll(async () => {
  stage = await openTillStage();
});

const send = (
  [name, to]: readonly [string, Address],
  from: Address,
  functionName: string,
  args: readonly unknown[] = [],
  value = 0n,
  role: TransactionRole = "benign",
): CapsuleTransaction => {
  const input = encodeFunctionData({ abi: build(name).abi, functionName, args: [...args] });
  return { from, to, input, value, gas: 2_000_000n, role };
};

const upgradesFor = async (capsule: Capsule, exempt: readonly Hex[], given: Sources = sources) => {
  const source = { sources: given, compile };
  let ticks = 0;
  const { proposals } = await proposePatch(capsule, { exempt, source, enough: 99, now: () => ++ticks });
  return proposals.map(({ patch, report }) => [patch.kind, patch.name, report.ok, report.incompatible]);
};

describe("LAB-21: sources are mended by templates, compiled and simulated", () => {
  test("a check of the owner lets the keeper sweep and nobody else, which no guard rule can", async () => {
    const capsule = stage.capsule([
      callTill(stage, alice, "pay", [1n], { value: ether }),
      callTill(stage, thief, "sweep", [], { role: "attack" }),
      callTill(stage, keeper, "sweep"),
    ]);
    expect(await upgradesFor(capsule, [])).toEqual([["upgrade", "access check in sweep", true, []]]);
  });

  test("a lock stops who comes back while he is paid, and not who is paid", async () => {
    const vault = ["Vault", stage.vault] as const;
    const capsule = {
      ...stage.capsule([
        send(vault, alice, "deposit", [], ether),
        send(vault, alice, "withdraw"),
        send(["Robber", stage.robber], thief, "rob", [], 10n * ether, "attack"),
      ]),
      victim: stage.vault,
    };
    const waysOut = ["deposit", "withdraw"].map((name) => send(vault, alice, name).input);
    expect(await upgradesFor(capsule, waysOut)).toEqual([
      ["upgrade", "reentrancy guard in deposit, withdraw", true, []],
    ]);
  });

  test("an initialiser that stands open is shut on a contract that stands", async () => {
    const chest = ["Chest", stage.chest] as const;
    const capsule = {
      ...stage.capsule([
        send(chest, keeper, "open", [ether]),
        send(chest, thief, "initialize", [thief], 0n, "attack"),
        send(chest, thief, "open", [40n * ether], 0n, "attack"),
      ]),
      victim: stage.chest,
    };
    const exempt = [send(chest, keeper, "open", [1n]), send(chest, keeper, "initialize", [keeper])].map(
      ({ input }) => input.slice(0, 10) as Hex,
    );
    expect(await upgradesFor(capsule, exempt)).toEqual([["upgrade", "initialiser guard in initialize", true, []]]);
  });

  test("error: sources that give other code, or do not compile", async () => {
    const capsule = stage.capsule([callTill(stage, thief, "sweep", [], { role: "attack" })]);
    const other = { "Till.sol": sources["Till.sol"].replace('require(!isShut, "shut");', "") };
    await expect(upgradesFor(capsule, [], other)).rejects.toThrow(SourcesDiffer);
    await expect(upgradesFor(capsule, [], { "Till.sol": "contract {" })).rejects.toThrow(/do not compile/);
  });
});
