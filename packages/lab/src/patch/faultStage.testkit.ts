// Small contracts, each with one fault that a template mends, and people, as a capsule without a node.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { posix } from "node:path";
import { fileURLToPath } from "node:url";
import { compile as build } from "@testudo/contracts/compile";
import type { Address, Hex } from "@testudo/core/model/Hex";
import { openEngine } from "@testudo/evm/openEngine";
import type { Abi } from "viem";
import { encodeDeployData, encodeFunctionData } from "viem/utils";
import { fromHex } from "../record/bytes.ts";
import type { Capsule, CapsuleTransaction, TransactionRole } from "../record/Capsule.ts";
import type { SourceInput } from "./candidateUpgrades.ts";
import type { SolcOutput, Sources } from "./SolcOutput.ts";
import { accountsOf } from "./tillStage.testkit.ts";

export const ether = 10n ** 18n;
export const [alice, bob, thief] = ["1", "2", "3"].map((digit): Address => `0x${digit.repeat(40)}`) as [
  Address,
  Address,
  Address,
];
const firstBlock = 100n;
const firstSecond = 1_750_000_000n;
const pathOf = (unit: string) => fileURLToPath(new URL(`../../../../${unit}`, import.meta.url));
const faults = "packages/lab/src/patch/Faults.testkit.sol";
// A vault of the incidents, on OpenZeppelin's.
const savings = "contracts/test/incidents/worlds/SavingsVault.sol";
const token = "contracts/test/incidents/worlds/Token.sol";
const builds = build([faults, savings, token].map(pathOf));
const require = createRequire(import.meta.url);
const solc = require("solc") as { compile(input: string): string };

/** The sources of our own contracts, and of the vault. */
export const faultSources = sourcesOf(faults);
export const savingsSources = sourcesOf(savings);

/** `unit` with its imports, compiled with the settings of `@testudo/contracts/compile`, so that the code is that of the stage. */
function sourcesOf(unit: string): SourceInput {
  return { sources: Object.fromEntries(collect(unit)), compile };
}

function compile(texts: Sources): SolcOutput | undefined {
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
}

/** One call of the story: by whom, of what, in which block after the first, with what. Without a name ether is sent. */
export interface Step {
  readonly by: Address;
  readonly on: string;
  readonly name?: string;
  readonly args?: readonly unknown[];
  readonly value?: bigint;
  readonly role?: TransactionRole;
  /** Blocks since the step before, one second each. Default 1. */
  readonly later?: bigint;
}

/** Contracts to make, in this order, by their names: arguments may be addresses of those before. */
export type Makes = readonly (readonly [
  name: string,
  args: (at: { readonly [name: string]: Address }) => readonly unknown[],
  value?: bigint,
])[];

/** The state after `makes`, with `story` as its transactions and `victim` attacked. */
export async function tellStory(
  makes: Makes,
  victim: string,
  story: (at: { readonly [name: string]: Address }) => readonly Step[],
): Promise<Capsule> {
  const block = {
    ...{ number: firstBlock, timestamp: firstSecond, gasLimit: 100_000_000n, baseFeePerGas: 0n },
    ...{ coinbase: `0x${"0".repeat(40)}` as Address, prevRandao: 0n, excessBlobGas: 0n },
  };
  const rich = { balance: 10_000n * ether, nonce: 0n, code: new Uint8Array() };
  const people = [alice, bob, thief].map((one) => [one, rich] as const);
  const engine = await openEngine({ fork: "cancun", chainId: 1n, block, accounts: new Map(people) });
  const at: { [name: string]: Address } = {};
  for (const [name, args, value = 0n] of makes) {
    const { abi, bytecode } = builds[name]!;
    const input = fromHex(encodeDeployData({ abi: abi as Abi, bytecode: bytecode as Hex, args: [...args(at)] }));
    const { created, error } = engine.call({ from: alice, to: null, input, value, gas: 30_000_000n });
    if (created === undefined) throw new Error(`${name} was not made: ${error}.`);
    at[name] = created;
  }
  let number = firstBlock;
  const transactions = story(at).map(({ by, on, name, args = [], value = 0n, role = "benign", later = 1n }) => {
    number += later;
    const abi = builds[on]!.abi as Abi;
    const input = name === undefined ? "0x" : encodeFunctionData({ abi, functionName: name, args: [...args] });
    return { from: by, to: at[on]!, value, input, gas: 2_000_000n, role, blockNumber: number } as CapsuleTransaction;
  });
  const header = { number: firstBlock, timestamp: firstSecond, baseFeePerGas: 0n };
  return {
    ...{ name: victim, chainId: 1, hardfork: "cancun", block: header, accounts: accountsOf(engine) },
    ...{ victim: at[victim]!, transactions },
  };
}

/** The text of `unit` and of all that it imports, as verified sources come: by the names that imports resolve to. */
function collect(unit: string, found = new Map<string, string>()): Map<string, string> {
  if (found.has(unit)) return found;
  const text = readFileSync(unit.startsWith("@") ? require.resolve(unit) : pathOf(unit), "utf8");
  found.set(unit, text);
  for (const [, name] of text.matchAll(/^import [^"]*"([^"]+)";/gm))
    collect(name!.startsWith(".") ? posix.join(posix.dirname(unit), name!) : name!, found);
  return found;
}
