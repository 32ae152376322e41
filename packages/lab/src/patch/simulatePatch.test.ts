import { verifyEvidence } from "@testudo/core/model/Evidence";
import type { Address } from "@testudo/core/model/Hex";
import { isIntact } from "@testudo/core/model/Record";
import { encodeFunctionData, getContractAddress, toFunctionSelector } from "viem/utils";
import { describe, expect, test } from "vitest";
import type { CapsuleTransaction } from "../record/Capsule.ts";
import type { PatchVerdict } from "./evidenceOfRuns.ts";
import { AttackerPatched, BenignIdle, NoAttack, NotInCapsule, NoVictim } from "./NotPlayable.ts";
import type { Patch } from "./Patch.ts";
import { playBaseline } from "./playBaseline.ts";
import {
  alice,
  bob,
  build,
  callAccomplice,
  callTill,
  ether,
  keeper,
  selectorOfTill,
  thief,
} from "./tillStage.testkit.ts";
import { openTillTrials, take } from "./tillTrials.testkit.ts";

const { stage, capsule, robbery, rulesOf, denialsOf, simulated } = await openTillTrials();
const sweep = selectorOfTill("sweep");

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
