import type { Address, Hex } from "@testudo/core/model/Hex";
import { encodeDeployData, encodeFunctionData, getContractAddress } from "viem/utils";
import { describe, expect, test } from "vitest";
import type { CapsuleTransaction } from "../record/Capsule.ts";
import type { Patch } from "./Patch.ts";
import { playBaseline } from "./playBaseline.ts";
import {
  alice,
  bob,
  build,
  callTill,
  ether,
  keeper,
  limitId,
  mendedTill,
  robot,
  thief,
  till,
} from "./tillStage.testkit.ts";
import { openTillTrials } from "./tillTrials.testkit.ts";

const { stage, robbery, simulated } = await openTillTrials();

describe("LAB-20: other patches on a copy", () => {
  test("a steward's parameter is proposed and applied at the real steward, within its bounds", async () => {
    const value = (amount: bigint): Patch => ({
      ...{ kind: "parameter", name: "limit", steward: stage.steward, by: robot },
      values: [{ id: limitId, value: amount }],
    });
    expect(await simulated(value(20n * ether))).toMatchObject({ ok: true, attack: { failed: 1 } });
    expect(await simulated(value(0n))).toMatchObject({ ok: false, applied: { ok: false } });
    const byNobody = { ...value(20n * ether), by: thief } as Patch;
    expect((await simulated(byNobody)).applied.ok).toBe(false);
  });

  test("governance's transactions run first", async () => {
    const shut: Patch = { kind: "transactions", name: "shut", transactions: [callTill(stage, keeper, "shut")] };
    const report = await simulated(shut);
    expect([report.applied.ok, report.attack.stopped, report.ok]).toEqual([true, true, false]);
    const refused = { ...shut, transactions: [callTill(stage, thief, "shut")] };
    expect((await simulated(refused)).applied).toMatchObject({ ok: false });
  });

  test("governance's transactions change what an honest one leaves where both write it", async () => {
    const settled: Patch = {
      kind: "transactions",
      name: "settled",
      transactions: [callTill(stage, keeper, "settle", [alice, 7n * ether])],
    };
    const { benign } = await simulated(settled);
    expect(benign.changed.map(({ what }) => what)).toEqual([expect.stringMatching(`^slot ${stage.till} `)]);
    const ofOther = { ...settled, transactions: [callTill(stage, keeper, "settle", [keeper, 7n * ether])] };
    expect((await simulated(ofOther)).benign.changed).toEqual([]);
    // She pays in what she takes out again, so that her slot ends as it began.
    const through = stage.capsule([
      callTill(stage, alice, "pay", [1n], { value: ether }),
      callTill(stage, alice, "take", [ether]),
      robbery(),
    ]);
    expect((await simulated(settled, {}, through)).benign.changed).toHaveLength(1);
  });

  test("what governance pays, and takes out of harm's way, is its own: honest people do to both what they did", async () => {
    const gasPrice = 10n ** 9n;
    const rescued: Patch = {
      kind: "transactions",
      name: "rescued",
      transactions: [
        ...["sweep", "shut"].map((name) => callTill(stage, keeper, name, [], { gasPrice })),
        { from: keeper, to: bob, value: 9n * ether, input: "0x", gas: 21_000n },
      ],
    };
    const people = stage.capsule([
      callTill(stage, keeper, "pay", [1n], { value: ether, gasPrice }),
      callTill(stage, alice, "pay", [1n], { value: ether, gasPrice }),
      { from: alice, to: bob, value: ether, input: "0x", gas: 21_000n },
      robbery(),
    ]);
    expect(await simulated(rescued, {}, people)).toMatchObject({ ok: true, benign: { changed: [] } });
  });

  test("a victim may be one that somebody honest makes", async () => {
    const { abi, bytecode } = build("Chest");
    const made = getContractAddress({ from: alice, nonce: 0n }).toLowerCase() as Address;
    const opened = (functionName: string, args: readonly unknown[]): CapsuleTransaction => ({
      ...{ from: thief, to: made, value: 0n, gas: 200_000n, role: "attack" },
      input: encodeFunctionData({ abi, functionName, args: [...args] }),
    });
    const input = encodeDeployData({ abi, bytecode, args: [alice] });
    const robbed = stage.capsule([
      { from: alice, to: null, value: 50n * ether, input, gas: 2_000_000n },
      opened("initialize", [thief]),
      opened("open", [40n * ether]),
    ]);
    const { losses } = await playBaseline(robbed, { victims: [made] });
    expect(losses).toEqual([{ holder: made, amount: 40n * ether }]);
  });

  test("an upgrade runs with its new code, and what it drops of storage and interface is told", async () => {
    const upgrade: Patch = { kind: "upgrade", name: "mended", target: stage.till, code: mendedTill.deployedBytecode };
    expect(await simulated(upgrade)).toMatchObject({ ok: true, attack: { failed: 1 }, incompatible: [] });
    const slot = (label: string, at: string, type: string) => ({ label, slot: at, offset: 0, type });
    const before = { storage: [slot("balanceOf", "0", "t_mapping(t_a,t_b)"), slot("isShut", "1", "t_enum(E)12_x")] };
    const after = { storage: [slot("balanceOf", "0", "t_mapping(t_a,t_b)"), slot("isShut", "2", "t_enum(E)99_x")] };
    const told = await simulated({
      ...upgrade,
      layout: { before, after },
      abi: { before: till.abi as never, after: mendedTill.abi as never },
    });
    expect(told.ok).toBe(false);
    expect(told.incompatible).toEqual([
      "isShut at slot 1, byte 0 is gone.",
      "function LIMIT() is gone.",
      "function settle(address,uint256) is gone.",
      "function shut() is gone.",
      "function sweep() is gone.",
    ]);
  });

  test("error: an upgrade that no chain would take, for its size, does not come into force", async () => {
    const padded = `${mendedTill.deployedBytecode}${"00".repeat(24_577 - (mendedTill.deployedBytecode.length - 2) / 2)}`;
    const upgrade: Patch = { kind: "upgrade", name: "large", target: stage.till, code: padded as Hex };
    const told = await simulated(upgrade);
    expect([told.ok, told.applied]).toMatchObject([
      false,
      { ok: false, why: "the new code has 24577 bytes, and the chain takes 24576" },
    ]);
    const less = { ...upgrade, code: upgrade.code.slice(0, -2) as Hex };
    expect(await simulated(less)).toMatchObject({ ok: true, applied: { ok: true } });
  });
});
