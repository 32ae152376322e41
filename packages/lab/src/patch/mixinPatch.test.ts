import type { RuleKind } from "@testudo/core/model/GuardRule";
import type { Address } from "@testudo/core/model/Hex";
import { encodeFunctionData } from "viem/utils";
import { describe, expect, test } from "vitest";
import type { CapsuleTransaction } from "../record/Capsule.ts";
import { playBaseline } from "./playBaseline.ts";
import { alice, build, callAccomplice, callTill, ether, thief } from "./tillStage.testkit.ts";
import { openTillTrials } from "./tillTrials.testkit.ts";

const { stage, capsule, robbery, rulesOf, simulated } = await openTillTrials();

test("LAB-20: a contract that enforces rules itself has no gate in its way", async () => {
  const input = (name: string, functionName: string, args: readonly unknown[]) =>
    encodeFunctionData({ abi: build(name).abi, functionName, args: [...args] });
  const honest = input("Payer", "pay", [stage.mixinTill]);
  const robbed = input("MixinTill", "take", [9n * ether]);
  const on = {
    ...stage.capsule([
      { from: alice, to: stage.payer, value: ether, input: honest, gas: 100_000n },
      { from: thief, to: stage.mixinTill, value: 0n, input: robbed, gas: 100_000n, role: "attack" },
    ]),
    victim: stage.mixinTill,
  };
  const rule = (kind: "DENY" | "ARG_MAX", bound = 0n) => rulesOf({ kind, target: stage.mixinTill, bound });
  const enforcedBy = [{ victim: stage.mixinTill, by: "mixin" }];
  const reversal = { clears: true, expires: true };
  const denied = await simulated(rule("DENY"), {}, on);
  expect(denied).toMatchObject({ ok: true, enforcedBy, reversal, benign: { transactions: 1, changed: [] } });
  expect((await simulated(rule("ARG_MAX", ether), {}, on)).ok).toBe(true);
  expect((await simulated(rule("ARG_MAX", 9n * ether), {}, on)).attack).toMatchObject({ stopped: false, failed: 0 });
});

describe("LAB-20: a rule of a contract that enforces rules itself", () => {
  const on = (...transactions: CapsuleTransaction[]) => ({
    ...stage.capsule(transactions),
    victim: stage.mixinTill,
  });
  const rule = (kind: RuleKind, bound = 0n) => rulesOf({ kind, target: stage.mixinTill, bound });
  const takeOf = (from: Address, amount: bigint, gas: bigint) =>
    callTill(stage, from, "take", [amount], { to: stage.mixinTill, gas });
  const takeWith = (given: bigint) =>
    callAccomplice(stage, thief, "takeWith", [9n * ether, given], { to: stage.mixinAccomplice });

  test("stops nothing by what its marks cost", async () => {
    const bare = { ...takeOf(thief, 9n * ether, 70_000n), role: "attack" as const };
    expect((await simulated(rule("NO_SAME_BLOCK"), {}, on(bare))).attack).toMatchObject({
      stopped: false,
      failed: 0,
    });
    const { attack } = await simulated(rule("NO_SAME_BLOCK"), {}, on(takeWith(60_000n)));
    expect(attack).toMatchObject({ stopped: false, failed: 1, why: expect.stringContaining("by being there") });
    const often = callAccomplice(stage, thief, "takeOften", [4n * ether, 2n], { to: stage.mixinAccomplice });
    const stops = async (attack: CapsuleTransaction) =>
      expect((await simulated(rule("NO_SAME_BLOCK"), {}, on(attack))).attack).toMatchObject({
        stopped: true,
        failed: 1,
      });
    await stops(often);
    // As recorded it has not even the gas to be refused.
    const { attacked } = await playBaseline(on(often));
    await stops({ ...often, gas: (attacked[0]!.gasUsed * 11n) / 10n });
  });

  test("is stopped by another rule, whatever marks nobody meets", async () => {
    const idle = rulesOf({ kind: "NO_SAME_BLOCK", target: stage.mixinTill }, { kind: "ARG_MAX", bound: 10n * ether });
    const victims = [stage.till, stage.mixinTill];
    const paid = callTill(stage, alice, "pay", [1n], { value: ether });
    expect(await simulated(idle, { victims }, on(paid, robbery()))).toMatchObject({
      ok: true,
      attack: { failed: 1 },
    });
  });

  test("that ends before the attack does stops none of it", async () => {
    const { number, timestamp } = capsule.block;
    const nextDay = { ...capsule.block, number: number + 7_200n, timestamp: timestamp + 86_400n };
    const first = { ...takeOf(thief, 4n * ether, 200_000n), role: "attack" as const };
    const days = { ...on(first, { ...first, blockNumber: nextDay.number }), headers: [nextDay] };
    const { attack } = await simulated(rule("DENY"), {}, days);
    expect(attack).toMatchObject({ stopped: false, failed: 2, why: expect.stringContaining("last 3600 s") });
    const stake = callAccomplice(stage, thief, "stake", []);
    const once = { ...on(stake, { ...first, blockNumber: nextDay.number }), headers: [nextDay] };
    expect((await simulated(rule("DENY"), {}, once)).attack).toMatchObject({ stopped: true, failed: 1 });
  });

  test("is the one that enforces them behind a proxy, too, and no gate beside it", async () => {
    const behind = (...transactions: CapsuleTransaction[]) => ({ ...on(...transactions), victim: stage.proxiedTill });
    const marks = rulesOf({ kind: "NO_SAME_BLOCK", target: stage.proxiedTill });
    const robbed = (times: bigint) =>
      callAccomplice(stage, thief, "takeOften", [4n * ether, times], { to: stage.proxiedAccomplice });
    expect((await simulated(marks, {}, behind(robbed(1n)))).attack).toMatchObject({ stopped: false, failed: 0 });
    const honest = { ...takeOf(alice, 1n, 200_000n), to: stage.proxiedTill };
    const report = await simulated(marks, {}, behind(honest, robbed(2n)));
    expect(report).toMatchObject({ ok: true, enforcedBy: [{ by: "mixin" }], benign: { changed: [] } });
  });

  test("shuts out nobody who has no gas to spare", async () => {
    const robbed = { ...takeOf(thief, 9n * ether, 200_000n), role: "attack" as const };
    const { peaceful } = await playBaseline(on(takeOf(alice, 1n, 200_000n), robbed));
    const tight = on(takeOf(alice, 1n, peaceful[0]!.gasUsed + 100n), robbed);
    expect(await simulated(rule("ARG_MAX", ether), {}, tight)).toMatchObject({ ok: true, benign: { changed: [] } });
  });

  test("leaves it without a gate also where others of the patch stand behind theirs", async () => {
    const input = encodeFunctionData({ abi: build("Payer").abi, functionName: "pay", args: [stage.mixinTill] });
    const paid = { from: alice, to: stage.payer, value: ether, input, gas: 100_000n };
    const robbed = { ...takeOf(thief, 9n * ether, 200_000n), role: "attack" as const };
    const both = rulesOf({ kind: "DENY", target: stage.mixinTill }, { kind: "ARG_MAX", bound: 10n * ether });
    const victims = [stage.mixinTill, stage.till];
    const report = await simulated(both, { victims }, on(paid, robbed, robbery()));
    expect(report).toMatchObject({ ok: true, attack: { failed: 2, losses: [] }, benign: { changed: [] } });
    expect(report.enforcedBy.map(({ by }) => by)).toEqual(["mixin", "gate"]);
    const wide = rulesOf({ kind: "DENY", target: stage.mixinTill }, { kind: "ARG_MAX", bound: 400n * ether });
    expect((await simulated(wide, { victims }, on(paid, robbed, robbery()))).attack).toMatchObject({ failed: 1 });
  });
});
