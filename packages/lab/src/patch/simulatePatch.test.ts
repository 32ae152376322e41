import { verifyEvidence } from "@testudo/core/model/Evidence";
import type { GuardRule, RuleKind } from "@testudo/core/model/GuardRule";
import type { Address } from "@testudo/core/model/Hex";
import { isIntact } from "@testudo/core/model/Record";
import { encodeDeployData, encodeFunctionData, getContractAddress, keccak256, toFunctionSelector } from "viem/utils";
import { beforeAll, describe, expect, test } from "vitest";
import type { Capsule, CapsuleTransaction } from "../Capsule.ts";
import type { PatchVerdict } from "./evidenceOfRuns.ts";
import { AttackerPatched, BenignIdle, NoAttack, NotInCapsule, NoVictim } from "./NotPlayable.ts";
import type { GuardRulePatch, Patch } from "./Patch.ts";
import { type BaselineOptions, playBaseline } from "./playBaseline.ts";
import { type SimulateOptions, simulatePatch } from "./simulatePatch.ts";
import {
  alice,
  bob,
  build,
  callAccomplice,
  callTill,
  ether,
  keeper,
  limitId,
  mendedTill,
  openTillStage,
  robot,
  selectorOfTill,
  type TillStage,
  thief,
  till,
} from "./tillStage.testkit.ts";

let stage: TillStage;
let capsule: Capsule;
const take = selectorOfTill("take", [0n]);
const sweep = selectorOfTill("sweep");
const robbery = (more: Partial<CapsuleTransaction> = {}) =>
  callTill(stage, thief, "take", [400n * ether], { role: "attack", ...more });

const rulesOf = (...rules: (Partial<GuardRule> & { kind: RuleKind })[]): Patch => ({
  kind: "guardRule",
  name: "test",
  seconds: 3_600,
  rules: rules.map((rule) => ({ target: stage.till, selector: take, argIndex: 0, bound: 0n, ...rule })),
});

const denialsOf = (target: Address, ...signatures: string[]): Patch =>
  rulesOf(...signatures.map((one) => ({ kind: "DENY" as const, target, selector: toFunctionSelector(one) })));

async function simulated(patch: Patch, options: SimulateOptions & BaselineOptions = {}, on = capsule) {
  return simulatePatch(await playBaseline(on, options), patch, options);
}

beforeAll(async () => {
  stage = await openTillStage();
  capsule = stage.capsule([
    callTill(stage, alice, "pay", [1n], { value: 5n * ether }),
    callTill(stage, alice, "take", [2n * ether]),
    callTill(stage, bob, "pay", [2n], { value: 7n * ether }),
    robbery(),
    callTill(stage, bob, "take", [3n * ether]),
    callTill(stage, alice, "pay", [3n], { value: ether }),
  ]);
});

describe("LAB-20: a guard rule on a copy", () => {
  test("that does nothing stops nothing, also of an attack that has all the gas that the rules allow", async () => {
    const full = (capsule.transactions ?? []).map((tx) => ({ ...tx, gas: 1n << 24n }));
    const onOsaka = { ...capsule, hardfork: "osaka", transactions: full };
    const useless = await simulated(rulesOf({ kind: "DENY", selector: "0x12345678" }), {}, onOsaka);
    expect(useless.attack).toMatchObject({ stopped: false, failed: 0 });
    const denied = await simulated(rulesOf({ kind: "DENY" }), {}, onOsaka);
    expect(denied.attack).toMatchObject({ stopped: true, failed: 1 });
    expect(denied.benign.changed.map(({ what }) => what)).toContain("status");
    const bounded = await simulated(rulesOf({ kind: "ARG_MAX", bound: 10n * ether }), {}, onOsaka);
    expect(bounded).toMatchObject({ ok: true, benign: { changed: [] } });
  });

  describe("behind a gate, which takes gas of its own", () => {
    const gwei = 10n ** 9n;
    const useless = () => rulesOf({ kind: "DENY", selector: "0x12345678" });
    const allThat = (gas: bigint) => 1_000n * ether - gas * gwei;

    test("stops nobody who has not a wei more than he needs", async () => {
      const staked = stage.capsule([
        callAccomplice(stage, thief, "stake", [], { value: allThat(100_000n), gas: 100_000n, gasPrice: gwei }),
        callAccomplice(stage, keeper, "takeWithStake", [400n * ether]),
      ]);
      expect((await simulated(useless(), {}, staked)).attack).toMatchObject({ stopped: false, failed: 0 });
      const denied = (await simulated(rulesOf({ kind: "DENY" }), {}, staked)).attack;
      expect(denied).toMatchObject({ stopped: true, failed: 1, losses: [] });
    });

    test("stops nobody who calls often, with little gas to spare", async () => {
      const often = (gas: bigint) =>
        stage.capsule([callAccomplice(stage, thief, "takeOften", [2n * ether, 200n], { gas })]);
      const { attacked } = await playBaseline(often(9_000_000n));
      const enough = (attacked[0]!.gasUsed * 110n) / 100n;
      const passed = rulesOf({ kind: "ARG_MAX", bound: 400n * ether });
      expect((await simulated(passed, {}, often(enough))).attack).toMatchObject({ stopped: false, failed: 0 });
    });

    test("shuts out no user who sends all that he has", async () => {
      const all = callTill(stage, bob, "pay", [2n], { value: allThat(200_000n), gasPrice: gwei });
      const report = await simulated(
        rulesOf({ kind: "ARG_MAX", bound: 10n * ether }),
        {},
        stage.capsule([all, robbery()]),
      );
      expect(report).toMatchObject({ ok: true, benign: { transactions: 1, changed: [] } });
    });

    test("stops an attack whose accomplice goes empty-handed, though no call of it fails", async () => {
      const mule = `0x${"66".repeat(20)}` as const;
      const passedOn = {
        from: mule,
        to: thief,
        value: 399n * ether,
        input: "0x",
        gas: 21_000n,
        role: "attack",
      } as const;
      const swallowed = stage.capsule([callAccomplice(stage, thief, "takeFor", [400n * ether, mule]), passedOn]);
      expect((await simulated(useless(), {}, swallowed)).attack).toMatchObject({ stopped: false, failed: 0 });
      const bounded = await simulated(rulesOf({ kind: "ARG_MAX", bound: 10n * ether }), {}, swallowed);
      expect(bounded.attack).toMatchObject({ stopped: true, failed: 1, losses: [] });
    });

    test.each([
      ["goes its way quietly where it has more", 0n, 340_000n, false],
      ["fails where it has more", 0n, 300_000n, true],
    ])("stops no attack that %s gas than was recorded", async (_, least, most, isLoud) => {
      const attack = callAccomplice(stage, thief, "takeWithin", [400n * ether, least, most, isLoud]);
      expect((await simulated(useless(), {}, stage.capsule([attack]))).attack.stopped).toBe(false);
      const denied = (await simulated(rulesOf({ kind: "DENY" }), {}, stage.capsule([attack]))).attack;
      expect(denied).toMatchObject({ stopped: true, losses: [] });
    });

    test("stops no attack that has not the gas for a gate by the rules, whatever it refuses", async () => {
      const all = callAccomplice(stage, thief, "takeOften", [ether / 100n, 1_690n], { gas: 1n << 24n });
      const onOsaka = { ...stage.capsule([all]), hardfork: "osaka" };
      const passed = await simulated(rulesOf({ kind: "ARG_MAX", bound: ether }), {}, onOsaka);
      expect(passed.attack).toMatchObject({ stopped: false, failed: 1, losses: [] });
      // Nor does one that refuses all of it: the gate alone is in its way already, and it could come in two halves.
      expect((await simulated(rulesOf({ kind: "DENY" }), {}, onOsaka)).attack.stopped).toBe(false);
    });

    test("stops nobody whose sender was not recorded, and shuts out none", async () => {
      const nobody = `0x${"99".repeat(20)}` as const;
      const paid = (from: typeof thief) =>
        ({ from, to: nobody, value: ether + 200_000n * gwei, input: "0x", gas: 21_000n }) as const;
      const honest = callTill(stage, nobody, "pay", [1n], { value: ether, gasPrice: gwei });
      const robbed = callTill(stage, nobody, "take", [400n * ether], { role: "attack", gasPrice: gwei });
      const attacked = stage.capsule([
        { ...paid(thief), role: "attack" },
        { ...robbed, nonce: 0n },
      ]);
      expect((await simulated(useless(), {}, attacked)).attack).toMatchObject({ stopped: false, failed: 0 });
      const beside = await simulated(rulesOf({ kind: "DENY" }), {}, stage.capsule([paid(alice), honest, robbery()]));
      expect(beside).toMatchObject({ ok: true, benign: { changed: [] } });
    });

    test("stops nothing by the gas that it takes itself: an attack that gives the till no more than it needs", async () => {
      const passed = rulesOf({ kind: "ARG_MAX", bound: (1n << 256n) - 1n });
      let worked = 0;
      for (let given = 44_000n; given <= 74_000n; given += 3_000n) {
        const attack = callAccomplice(stage, thief, "takeWith", [400n * ether, given]);
        const report = await simulated(passed, {}, stage.capsule([attack]));
        expect(report.attack.stopped, `${given} gas`).toBe(false);
        worked += 1 - report.attack.failed;
      }
      // Of some the gate keeps the till's money, of some nothing does.
      expect(worked).toBeGreaterThan(0);
      expect(worked).toBeLessThan(11);
    });

    test("once a block stops nothing by what its marks cost", async () => {
      let worked = 0;
      for (let given = 60_000n; given <= 130_000n; given += 7_000n) {
        const attack = callAccomplice(stage, thief, "takeWith", [400n * ether, given]);
        const report = await simulated(rulesOf({ kind: "NO_SAME_BLOCK" }), {}, stage.capsule([attack]));
        expect(report.attack.stopped, `${given} gas`).toBe(false);
        worked += 1 - report.attack.failed;
      }
      expect(worked).toBeGreaterThan(0);
      expect(worked).toBeLessThan(11);
    });

    test("stops nothing by its gate, whatever it refuses: an attack that shies away from gates", async () => {
      const bare = keccak256(capsule.accounts.get(stage.till)!.code!);
      const shy = stage.capsule([callAccomplice(stage, thief, "takeBare", [400n * ether, bare])]);
      expect((await simulated(useless(), {}, shy)).attack).toMatchObject({ stopped: false, losses: [] });
    });

    test("leaves as they were users of whom each needs another gas, also beside the attack", async () => {
      const often = (gas: bigint) =>
        callAccomplice(stage, alice, "takeOften", [1n, 30n], { gas, role: "benign" as const });
      const pay = (gas: bigint) => callTill(stage, bob, "pay", [2n], { value: ether, gas });
      const within = callAccomplice(stage, alice, "takeWithin", [1n, 0n, 300_000n, true], { role: "benign" });
      const wrong = (gas: bigint) => callTill(stage, alice, "shut", [], { gas });
      const [some, one, , failing] = (
        await playBaseline(stage.capsule([often(9_000_000n), pay(200_000n), within, wrong(200_000n), robbery()]))
      ).peaceful.map(({ gasUsed }) => gasUsed);
      const people = [often((some! * 105n) / 100n), pay(one! + 500n), within, wrong(failing! + 1_000n)];
      const report = await simulated(
        rulesOf({ kind: "ARG_MAX", bound: 10n * ether }),
        {},
        stage.capsule([...people, robbery()]),
      );
      expect(report).toMatchObject({ ok: true, benign: { transactions: 4, failing: [3], changed: [] } });
    });

    test("leaves as they were those that fail for want of gas, or with all of it", async () => {
      const short = callTill(stage, alice, "pay", [1n], { value: ether, gas: 21_900n });
      const wrong = callTill(stage, alice, "shut");
      const report = await simulated(useless(), {}, stage.capsule([short, wrong, robbery()]));
      expect(report.benign).toMatchObject({ transactions: 2, failing: [0, 1], changed: [] });
    });
  });

  describe("of a till of two coins", () => {
    const onCoins = (...transactions: CapsuleTransaction[]) => ({
      ...stage.capsule(transactions),
      victim: stage.coinTill,
    });
    const denied = (signature: string) =>
      rulesOf({ kind: "DENY", target: stage.coinTill, selector: toFunctionSelector(signature) });

    test("does not stop an attack that takes the other coin then", async () => {
      const either = onCoins(callAccomplice(stage, thief, "takeEither", [stage.coinTill, 500n * ether]));
      const { attack } = await simulated(denied("takeFirst(uint256)"), {}, either);
      expect(attack).toMatchObject({
        stopped: false,
        lossesBefore: [{ amount: 500n * ether }],
        losses: [{ amount: 500n * ether }],
      });
      expect(attack.losses[0]!.token).not.toBe(attack.lossesBefore[0]!.token);
    });

    test("that keeps what was taken from being read stops nothing", async () => {
      const first = getContractAddress({ from: stage.coinTill, nonce: 1n }).toLowerCase() as Address;
      const either = stage.capsule([callAccomplice(stage, thief, "takeEither", [stage.coinTill, 500n * ether])]);
      const sides = { victims: [first], holders: [first, stage.coinTill] };
      const blind = rulesOf({ kind: "DENY", target: first, selector: toFunctionSelector("balanceOf(address)") });
      expect((await simulated(blind, sides, either)).attack).toMatchObject({ stopped: false, losses: [] });
    });

    test("sees what is lost of a coin that the attacker calls himself, where the till has to do with it", async () => {
      const first = getContractAddress({ from: stage.coinTill, nonce: 1n }).toLowerCase() as Address;
      const call = (to: Address, name: string, functionName: string, args: readonly unknown[] = []) => ({
        ...{ from: thief, to, value: 0n, gas: 200_000n, role: "attack" as const },
        input: encodeFunctionData({ abi: build(name).abi, functionName, args: [...args] }),
      });
      const burnt = onCoins(
        call(first, "Coin", "burn", [stage.coinTill, 500n * ether]),
        call(stage.coinTill, "CoinTill", "count"),
      );
      const { attack } = await simulated(denied("count()"), {}, burnt);
      expect(attack).toMatchObject({ stopped: false, losses: [{ token: first, amount: 500n * ether }] });
    });

    test("that keeps the other coin from being read stops nothing either", async () => {
      const second = getContractAddress({ from: stage.coinTill, nonce: 2n }).toLowerCase() as Address;
      const either = onCoins(callAccomplice(stage, thief, "takeEither", [stage.coinTill, 500n * ether]));
      const both: Patch = {
        ...(denied("takeFirst(uint256)") as GuardRulePatch),
        rules: [
          ...(denied("takeFirst(uint256)") as GuardRulePatch).rules,
          ...(
            rulesOf({
              ...{ kind: "DENY", target: second, selector: toFunctionSelector("balanceOf(address)") },
            }) as GuardRulePatch
          ).rules,
        ],
      };
      expect((await simulated(both, {}, either)).attack).toMatchObject({ stopped: false, losses: [] });
    });

    test("changes what an honest contract lost quietly", async () => {
      const honest = callAccomplice(stage, alice, "tryNote", [stage.coinTill], { role: "benign" });
      const robbed = callAccomplice(stage, thief, "takeEither", [stage.coinTill, 500n * ether]);
      const { benign } = await simulated(denied("note()"), {}, onCoins(honest, robbed));
      expect(benign.changed.map(({ what }) => what)).toEqual([expect.stringMatching(`^slot ${stage.coinTill} `)]);
    });
  });

  test("a contract that enforces rules itself has no gate in its way", async () => {
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

  describe("of a contract that enforces rules itself", () => {
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

  test("that ends before the attack does stops it only where it could be set in time", async () => {
    const { number, timestamp } = capsule.block;
    const nextDay = { ...capsule.block, number: number + 7_200n, timestamp: timestamp + 86_400n };
    const inTwo = (first: CapsuleTransaction, second: CapsuleTransaction) => ({
      ...stage.capsule([first, { ...second, blockNumber: nextDay.number }]),
      headers: [nextDay],
    });
    const rule = rulesOf({ kind: "ARG_MAX", bound: 10n * ether });
    const both = inTwo(robbery(), callTill(stage, thief, "take", [50n * ether], { role: "attack" }));
    const { attack } = await simulated(rule, {}, both);
    expect(attack).toMatchObject({
      ...{ stopped: false, failed: 2 },
      why: "its rules last 3600 s and the attack 86399 s: there is no time to set them from which they stop all of it",
    });
    expect(await simulated(rule, { mayOutlast: true }, both)).toMatchObject({ ok: true, attack: { stopped: true } });
    const staked = inTwo(
      callAccomplice(stage, thief, "stake", []),
      callAccomplice(stage, thief, "takeWithStake", [400n * ether]),
    );
    expect(await simulated(rule, {}, staked)).toMatchObject({ ok: true, attack: { stopped: true, failed: 1 } });
  });

  test("that leaves it to others to carry the attack out stops nothing", async () => {
    const call = (from: Address, functionName: string, args: readonly unknown[], role: "attack" | "benign") => ({
      ...{ from, to: stage.queue, value: 0n, gas: 300_000n, role },
      input: encodeFunctionData({ abi: build("Queue").abi, functionName, args: [...args] }),
    });
    const queued = {
      ...stage.capsule([
        call(thief, "order", [80n * ether], "attack"),
        call(thief, "tip", [], "attack"),
        call(keeper, "carryOut", [], "benign"),
      ]),
      victim: stage.queue,
    };
    const denied = (...signatures: string[]) => denialsOf(stage.queue, ...signatures);
    const { attack } = await simulated(denied("tip()"), {}, queued);
    expect(attack).toMatchObject({
      ...{ stopped: false, failed: 1, losses: [] },
      why: expect.stringContaining("lost by others' transactions, and still is: 80000000000000000000 of ether"),
    });
    expect(await simulated(denied("tip()", "order(uint256)"), {}, queued)).toMatchObject({ ok: true });
    // Two orders without it, one with it, none where nobody attacks.
    const blockNumber = capsule.block.number + 1n;
    const twice = [1n, 2n].map((amount) => ({ ...call(thief, "order", [amount], "attack"), blockNumber }));
    const asked = { ...stage.capsule([...twice, call(alice, "waiting", [], "benign")]), victim: stage.queue };
    const marks = rulesOf({
      ...{ kind: "NO_SAME_BLOCK", target: stage.queue, selector: toFunctionSelector("order(uint256)") },
    });
    const word = (value: number) => `0x${value.toString(16).padStart(64, "0")}`;
    expect((await simulated(marks, {}, asked)).benign).toMatchObject({
      changed: [],
      beside: [{ tx: 2, what: "output beside the attack", expected: word(2), got: word(1) }],
    });
  });

  test("an attack that unwraps instead is not stopped, though no transfer tells of it", async () => {
    const either = {
      ...stage.capsule([callAccomplice(stage, thief, "takeOrUnwrap", [stage.safe, 200n * ether])]),
      victim: stage.safe,
    };
    const denied = (...signatures: string[]) => denialsOf(stage.safe, ...signatures);
    const { attack } = await simulated(denied("give(uint256)"), {}, either);
    expect(attack).toMatchObject({ stopped: false, losses: [{ holder: stage.safe, amount: 200n * ether }] });
    const both = await simulated(denied("give(uint256)", "unwrap(uint256)"), {}, either);
    expect(both).toMatchObject({ ok: true, attack: { stopped: true, losses: [] } });
  });

  test("what failed without a patch, but not on the chain, speaks for whoever sent it", async () => {
    const expected = { succeeded: true, gasUsed: 50_000n, logs: [] };
    // There, somebody had raised the limit before.
    const lost = callTill(stage, alice, "take", [2_000n * ether], { expected });
    const { calls } = await playBaseline(stage.capsule([lost, robbery()]));
    expect(calls.map(({ role, selector }) => [role, selector])).toEqual([
      ["attack", take],
      ["benign", take],
    ]);
    const { calls: without } = await playBaseline(
      stage.capsule([{ ...lost, expected: { ...expected, succeeded: false } }, robbery()]),
    );
    expect(without.map(({ role }) => role)).toEqual(["attack"]);
  });

  test("error: what is to stay as it was has to run", async () => {
    const poor = stage.capsule([callTill(stage, `0x${"99".repeat(20)}`, "pay", [1n], { value: ether }), robbery()]);
    const failed = simulated(rulesOf({ kind: "DENY" }), {}, poor);
    await expect(failed).rejects.toThrow(BenignIdle);
    await expect(failed).rejects.toThrow(
      /what is to stay as it was is refused where nobody attacks, without any patch: #0 refused as unfunded/,
    );
  });

  test("that bounds the argument stops the attack and leaves the others' output, logs and state as they were", async () => {
    const report = await simulated(rulesOf({ kind: "ARG_MAX", bound: 10n * ether }));
    expect(report).toMatchObject({
      ok: true,
      applied: { ok: true, until: capsule.block.timestamp + 6n + 3_600n },
      attack: { stopped: true, failed: 1, succeededBefore: 1, losses: [] },
      benign: { transactions: 5, changed: [] },
      enforcedBy: [{ victim: stage.till, by: "gate" }],
      reversal: { clears: true, expires: true },
    });
    expect(report.attack.lossesBefore).toEqual([{ holder: stage.till, amount: 400n * ether }]);
  });

  test("that refuses honest people too does not hold, and names their transactions and what they left", async () => {
    const report = await simulated(rulesOf({ kind: "DENY" }));
    expect([report.ok, report.attack.stopped]).toEqual([false, true]);
    expect(report.benign.changed.filter(({ tx }) => tx !== null)).toEqual(
      [1, 4].map((tx) => ({ tx, what: "status", expected: "succeeded", got: "failed" })),
    );
    expect(report.benign.changed.some(({ what }) => what === `balance of ${stage.till}`)).toBe(true);
  });

  test("that the attack passes by does not hold, unless so much loss is allowed", async () => {
    const rule = rulesOf({ kind: "ARG_MAX", bound: 400n * ether });
    expect(await simulated(rule)).toMatchObject({ ok: false, attack: { stopped: false, failed: 0 } });
    const again = stage.capsule([robbery({ input: callTill(stage, thief, "take", [9n * ether]).input }), robbery()]);
    const bounded = rulesOf({ kind: "ARG_MAX", bound: 10n * ether });
    expect(await simulated(bounded, {}, again)).toMatchObject({ ok: false, attack: { failed: 1 } });
    expect(await simulated(bounded, { maxLoss: 9n * ether }, again)).toMatchObject({
      ok: true,
      attack: { losses: [{ amount: 9n * ether }] },
    });
  });

  test("tells what is still taken where more was paid in", async () => {
    const as = (functionName: string, args: readonly unknown[], value = 0n) =>
      callTill(stage, thief, functionName, args, { role: "attack", value });
    const paying = stage.capsule([as("pay", [1n], 5n * ether), robbery(), as("take", [3n * ether])]);
    const { attack } = await simulated(rulesOf({ kind: "ARG_MAX", bound: 10n * ether }), {}, paying);
    expect(attack).toMatchObject({
      ...{ stopped: true, failed: 1, losses: [] },
      offset: [{ holder: stage.till, amount: 3n * ether }],
    });
  });

  test("is in force for all of the capsule, however far its transactions are from each other", async () => {
    const { number, timestamp } = capsule.block;
    const after = (blocks: bigint, hours: bigint) => ({
      ...capsule.block,
      number: number + blocks,
      timestamp: timestamp + hours * 3_600n,
    });
    const days = {
      ...stage.capsule([
        callTill(stage, bob, "pay", [1n], { value: ether }),
        robbery({ blockNumber: number + 100n }),
        callTill(stage, bob, "take", [1n], { blockNumber: number + 200n }),
      ]),
      headers: [after(100n, 12n), after(200n, 48n)],
    };
    expect(await simulated(rulesOf({ kind: "ARG_MAX", bound: ether }), {}, days)).toMatchObject({ ok: true });
    const denied = await simulated(rulesOf({ kind: "DENY" }), {}, days);
    expect(denied).toMatchObject({ attack: { stopped: true }, reversal: { clears: true, expires: true } });
    expect(denied.benign.changed).toContainEqual({ tx: 2, what: "status", expected: "succeeded", got: "failed" });
  });

  test("error: of a contract that belongs to the attack", async () => {
    const robbed = stage.capsule([callAccomplice(stage, thief, "takeOften", [ether, 400n], { gas: 9_000_000n })]);
    const rule = rulesOf({ kind: "DENY", target: stage.accomplice });
    await expect(simulated(rule, {}, robbed)).rejects.toThrow(AttackerPatched);
    const upgrade: Patch = { kind: "upgrade", name: "no more", target: stage.accomplice, code: "0xfe" };
    await expect(simulated(upgrade, {}, robbed)).rejects.toThrow("belongs to the attack");
    const relayed = (from: Address, role: "attack" | "benign", signature: string, args: readonly unknown[]) => {
      const data = encodeFunctionData({ abi: build("CoinTill").abi, functionName: signature, args: [...args] });
      const input = encodeFunctionData({
        ...{ abi: build("Relay").abi, functionName: "pass", args: [stage.coinTill, data] },
      });
      return { from, to: stage.relay, value: 0n, gas: 900_000n, role, input };
    };
    const taken = relayed(thief, "attack", "takeFirst", [500n * ether]);
    const first = getContractAddress({ from: stage.coinTill, nonce: 1n }).toLowerCase() as Address;
    const sides = { victims: [first], holders: [stage.coinTill] };
    const denied = rulesOf({
      ...{ kind: "DENY", target: stage.coinTill, selector: toFunctionSelector("takeFirst(uint256)") },
    });
    await expect(simulated(denied, sides, stage.capsule([taken]))).rejects.toThrow(AttackerPatched);
    await expect(simulated(denied, sides, stage.capsule([taken]))).rejects.toThrow(
      `--victim ${first} ${stage.coinTill}`,
    );
    // What somebody else uses, too, on whatever way, is nobody's own.
    const noted = relayed(alice, "benign", "note", []);
    expect(await simulated(denied, sides, stage.capsule([noted, taken]))).toMatchObject({ ok: true });
  });

  test("never touches an exempt selector: the breaker refuses it, by the name of its error", async () => {
    const report = await simulated(rulesOf({ kind: "DENY" }), { exempt: [take] });
    expect(report).toMatchObject({ ok: false, applied: { ok: false }, attack: { stopped: false } });
    expect(report.applied.why).toMatch(/: Breaker_NotAllowed\(0x/);
  });

  test("of a program lives at most 36 h: the breaker refuses more", async () => {
    const rule = { ...rulesOf({ kind: "DENY" }), seconds: 36 * 3_600 } as Patch;
    expect((await simulated(rule)).applied.ok).toBe(true);
    expect((await simulated({ ...rule, seconds: 36 * 3_600 + 1 } as Patch)).applied.ok).toBe(false);
  });

  test("waits for the oracle: within its delay of the last update nothing passes", async () => {
    const bound = (seconds: bigint) => (seconds << 160n) | BigInt(stage.clock);
    const rule = (seconds: bigint) => rulesOf({ kind: "ORACLE_DELAY", bound: bound(seconds) });
    // Alice takes two seconds after the update, the thief four.
    expect((await simulated(rule(2n))).attack.stopped).toBe(false);
    expect((await simulated(rule(5n))).attack.stopped).toBe(true);
  });

  test("of once a block stops a second call by the same hand in it, and no other hand's", async () => {
    const number = capsule.block.number + 2n;
    const twice = stage.capsule([
      callTill(stage, alice, "take", [1n], { blockNumber: number }),
      callTill(stage, bob, "take", [1n], { blockNumber: number }),
      callTill(stage, thief, "take", [1n], { blockNumber: number }),
      { ...callTill(stage, thief, "sweep"), role: "attack", blockNumber: number },
    ]);
    const report = await simulated(
      rulesOf({ kind: "NO_SAME_BLOCK" }, { kind: "NO_SAME_BLOCK", selector: sweep }),
      {},
      twice,
    );
    expect(report).toMatchObject({ ok: true, attack: { failed: 1 }, benign: { changed: [] } });
  });
});

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
});

describe("LAB-20: a verdict", () => {
  test("stands on invariants: a view beyond its bound, or without an answer, breaks it", async () => {
    const rule = rulesOf({ kind: "ARG_MAX", bound: 10n * ether });
    const balance = callTill(stage, bob, "balanceOf", [bob]).input;
    const held = { name: "bob", to: stage.till, input: balance, atLeast: 4n * ether, atMost: 4n * ether };
    const none = { name: "none", to: stage.till, input: "0x12345678", atLeast: 0n } as const;
    expect(await simulated(rule, { invariants: [held] })).toMatchObject({
      ok: true,
      invariants: [{ value: 4n * ether }],
    });
    const report = await simulated(rule, { invariants: [{ ...held, atMost: 3n * ether }, none] });
    expect([report.ok, report.invariants.map(({ ok }) => ok)]).toEqual([false, [false, false]]);
  });

  test("and every run behind it are evidence whose chain holds, and breaks where a byte is changed", async () => {
    const { records, evidence } = await simulated(rulesOf({ kind: "ARG_MAX", bound: 10n * ether }));
    // Six with the attack, five without, and the verdict.
    expect(records.map(({ kind }) => kind)).toEqual([...Array(11).fill("PatchRun"), "PatchVerdict"]);
    expect(records.every(isIntact)).toBe(true);
    expect(verifyEvidence(evidence)).toBeUndefined();
    const forged = evidence.with(3, { ...evidence[3]!, from: [records[0]!.id] });
    expect(verifyEvidence(forged)).toMatchObject({ fault: "altered", sequence: 3 });
    const verdict = records[11] as PatchVerdict;
    const turned: PatchVerdict = { ...verdict, ok: !verdict.ok };
    expect(isIntact(turned)).toBe(false);
  });

  test("is the same on every run", async () => {
    const rule = rulesOf({ kind: "ARG_MAX", bound: 10n * ether });
    expect(await simulated(rule)).toEqual(await simulated(rule));
  });

  test("error: a capsule without an attack, with one that fails, or without a victim", async () => {
    const peaceful = stage.capsule([callTill(stage, bob, "pay", [1n])]);
    await expect(playBaseline(peaceful)).rejects.toThrow(NoAttack);
    const failing = stage.capsule([callTill(stage, thief, "shut", [], { role: "attack" })]);
    await expect(playBaseline(failing)).rejects.toThrow(NoAttack);
    const { victim: _, ...unnamed } = capsule;
    await expect(playBaseline(unnamed)).rejects.toThrow(NoVictim);
    const nobody = `0x${"99".repeat(20)}` as const;
    await expect(playBaseline(capsule, { victims: [nobody] })).rejects.toThrow(NotInCapsule);
    await expect(playBaseline(capsule, { victims: [alice] })).rejects.toThrow("no code of the victim");
    await expect(playBaseline(capsule, { holders: [nobody] })).rejects.toThrow("no account of the holder");
  });
});
