import { gateProxy } from "@testudo/contracts";
import { toFunctionSelector } from "viem/utils";
import { beforeAll, describe, expect, test } from "vitest";
import { openEvm } from "../engine/openEvm.ts";
import { blockOf } from "../record/blockOf.ts";
import type { Capsule, CapsuleTransaction } from "../record/Capsule.ts";
import { candidateRules } from "./candidateRules.ts";
import { behindGates, GateRefused, makeGates } from "./Gate.ts";
import type { Patch } from "./Patch.ts";
import { type ProposeOptions, proposePatch, type TryProgress } from "./proposePatch.ts";
import {
  alice,
  bob,
  callTill,
  ether,
  openTillStage,
  robot,
  selectorOfTill,
  type TillStage,
  thief,
} from "./tillStage.testkit.ts";
import type { VictimCall } from "./victimCalls.ts";

let stage: TillStage;
const take = selectorOfTill("take", [0n]);
const sweep = selectorOfTill("sweep");

const honest = (): CapsuleTransaction[] => [
  callTill(stage, alice, "pay", [1n], { value: 5n * ether }),
  callTill(stage, alice, "take", [2n * ether]),
  callTill(stage, bob, "pay", [2n], { value: 7n * ether }),
  callTill(stage, bob, "take", [ether]),
];
const robbed = (functionName: string, args: readonly unknown[] = []): Capsule =>
  stage.capsule([...honest(), callTill(stage, thief, functionName, args, { role: "attack" })]);

let ticks = 0;
const now = () => (ticks += 5);
const proposed = (capsule: Capsule, options: Partial<ProposeOptions> = {}) =>
  proposePatch(capsule, { now, ...options });

beforeAll(async () => {
  stage = await openTillStage();
});

describe("LAB-21: a proposal", () => {
  test("is asked for before each candidate, and when told to end has what held until then", async () => {
    const capsule = robbed("take", [400n * ether]);
    const whole = await proposed(capsule);
    const asked: TryProgress[] = [];
    const part = await proposed(capsule, { goOn: async (progress) => asked.push(progress) < 2 });
    expect(asked.map(({ tried }) => tried)).toEqual([0, 1]);
    expect(asked[0]).toMatchObject({ held: 0, name: whole.scorecard.looked[0]!.name });
    expect(asked.at(-1)!.held).toBe(part.proposals.length);
    expect(part.scorecard).toMatchObject({ tried: 1, stopped: true });
    expect(whole.scorecard).toMatchObject({ tried: 2, stopped: false });
    expect(part.scorecard.looked).toEqual(whole.scorecard.looked.slice(0, 1));
  });

  test("holds for a victim that was recorded behind its own gate, on the rules that a chain has now", async () => {
    const bare = robbed("take", [400n * ether]);
    const first = blockOf(bare, bare.transactions![0]!.blockNumber);
    const accounts = behindGates(bare, await makeGates(bare, [stage.till], first, openEvm));
    const { proposals } = await proposed({ ...bare, accounts, hardfork: "osaka" });
    expect(proposals.map(({ patch }) => patch.kind === "guardRule" && patch.rules[0]!.bound)).toEqual([
      4n * ether,
      2n * ether,
    ]);
    expect(proposals[0]!.report).toMatchObject({
      benign: { transactions: 4, changed: [] },
      enforcedBy: [{ victim: stage.till, by: "gate" }],
    });
  });

  test("tries what it is told to in a candidate's place, and says of each why it is not the answer", async () => {
    const capsule = robbed("take", [400n * ether]);
    const wider = (patch: Patch): Patch | string => {
      if (patch.kind !== "guardRule") return "no rule";
      const [rule] = patch.rules;
      return rule!.bound === 2n * ether ? "too tight" : { ...patch, rules: [{ ...rule!, bound: 10n * ether }] };
    };
    const { proposals, scorecard } = await proposed(capsule, { admit: wider });
    expect(proposals.map(({ patch }) => patch.kind === "guardRule" && patch.rules[0]!.bound)).toEqual([10n * ether]);
    expect(scorecard.looked.map(({ rules, refused }) => [rules[0]!.bound, refused])).toEqual([
      [10n * ether, undefined],
      [2n * ether, "too tight"],
    ]);
    const useless = (patch: Patch): Patch =>
      patch.kind === "guardRule" ? { ...patch, rules: [{ ...patch.rules[0]!, bound: 400n * ether }] } : patch;
    const { scorecard: failed } = await proposed(capsule, { admit: useless });
    expect(failed.looked[0]!.refused).toBe("the attack goes on in spite of it");
  });

  test("of honest calls that are known by their input alone: a bound leaves room for them, and a used function open", async () => {
    const input = callTill(stage, bob, "take", [90n * ether]).input;
    const call = {
      victim: stage.till,
      selector: take,
      input,
      caller: bob,
      origin: bob,
      block: 90n,
      index: -1,
    } as const;
    const alsoHonest = [{ ...call, role: "benign" as const }];
    const { proposals } = await proposed(robbed("take", [400n * ether]), { alsoHonest });
    expect(proposals.map(({ patch }) => patch.kind === "guardRule" && patch.rules[0]!.bound)).toEqual([
      180n * ether,
      90n * ether,
    ]);
    const swept = [{ ...alsoHonest[0]!, selector: sweep, input: sweep }];
    const { scorecard } = await proposed(robbed("sweep"), { alsoHonest: swept });
    expect(scorecard.looked.flatMap(({ rules }) => rules.map(({ kind }) => kind))).not.toContain("DENY");
  });

  test("bounds an argument at twice what was usual, where the attack's lies beyond", async () => {
    const { ok, proposals, scorecard } = await proposed(robbed("take", [400n * ether]));
    expect(ok).toBe(true);
    expect(proposals.map(({ patch }) => patch.kind === "guardRule" && patch.rules)).toEqual([
      [{ target: stage.till, selector: take, kind: "ARG_MAX", argIndex: 0, bound: 4n * ether }],
      [{ target: stage.till, selector: take, kind: "ARG_MAX", argIndex: 0, bound: 2n * ether }],
    ]);
    expect(scorecard).toMatchObject({ calls: { attack: 1, benign: 4 }, candidates: 2, tried: 2, survived: 2 });
  });

  test("shuts a function that only the attack calls", async () => {
    const { proposals } = await proposed(robbed("sweep"));
    expect(proposals.map(({ patch }) => patch.name)).toEqual([`DENY ${sweep}`]);
  });

  test("leaves exempt functions alone, and goes on to the steward's parameter, loosest first", async () => {
    const capsule = robbed("take", [400n * ether]);
    expect(await proposed(capsule, { exempt: [take] })).toMatchObject({ ok: false, proposals: [] });
    const { proposals } = await proposed(capsule, { exempt: [take], steward: robot, enough: 1 });
    // Of 1,000 half is still too much, a quarter is not.
    const quarter = 1n + (1_000n * ether - 1n) / 4n;
    expect(proposals[0]).toMatchObject({
      patch: { kind: "parameter", steward: stage.steward, by: robot, values: [{ value: quarter }] },
      report: { ok: true, attack: { stopped: true } },
    });
  });

  test("goes on without rules where a victim takes no gate, and is refused where nothing else is left", async () => {
    const { accounts, ...rest } = robbed("take", [400n * ether]);
    const unlucky = `0x${"77".repeat(20)}` as const;
    // It seems to have the gate's own functions.
    const pushes = gateProxy.abi.flatMap((one) =>
      one.type === "function" ? `63${toFunctionSelector(one).slice(2)}` : [],
    );
    const clash = { balance: 0n, nonce: 1n, code: `0x${pushes.join("")}00` as const, storage: new Map() };
    const capsule = { ...rest, accounts: new Map([...accounts, [unlucky, clash]]) };
    const victims = [stage.till, unlucky];
    await expect(proposed(capsule, { victims })).rejects.toThrow(GateRefused);
    const { proposals } = await proposed(capsule, { victims, steward: robot, enough: 1 });
    expect(proposals.map(({ patch }) => patch.kind)).toEqual(["parameter"]);
  });

  test("is none where the attack does what honest people do, and says what was tried", async () => {
    const { ok, proposals, scorecard } = await proposed(robbed("take", [2n * ether]));
    expect([ok, proposals, scorecard.candidates]).toEqual([false, [], 0]);
  });

  test("LAB-23: carries the time of each stage by the clock that it is given", async () => {
    const { scorecard } = await proposed(robbed("sweep"));
    expect(scorecard.stages).toEqual([
      { stage: "baseline", ms: 5, count: 5 },
      { stage: "candidates", ms: 5, count: 1 },
      // Its budget looks at the clock twice.
      { stage: "simulate", ms: 15, count: 1 },
      { stage: "rank", ms: 5, count: 1 },
    ]);
  });
});

describe("LAB-21: candidates", () => {
  const word = (value: bigint) => value.toString(16).padStart(64, "0");
  const call = (role: VictimCall["role"], index: number, ...words: bigint[]): VictimCall => ({
    ...{ role, index, victim: stage.till, selector: take, block: BigInt(index) },
    input: `${take}${words.map(word).join("")}`,
    caller: role === "attack" ? thief : alice,
    origin: role === "attack" ? thief : alice,
  });
  const rulesFor = (...calls: VictimCall[]) =>
    candidateRules({ calls, exempt: [], clocks: [] }).flatMap(({ rules }) => rules);

  test("take no counter, time or round for a bound: it would refuse everybody who comes after", () => {
    expect(rulesFor(call("benign", 0, 7n), call("benign", 1, 8n), call("attack", 2, 9n))).toEqual([]);
    expect(rulesFor(call("benign", 0, 8n), call("benign", 1, 7n), call("attack", 2, 9n))).toHaveLength(1);
  });

  test("take no address or hash for a number", () => {
    expect(rulesFor(call("benign", 0, BigInt(alice)), call("attack", 1, BigInt(thief)))).toEqual([]);
  });

  test("take a place in the call data, or a length, after what has a meaning of its own", () => {
    const calls = [call("benign", 0, 64n, 5n, 1n), call("attack", 1, 65n, 9n, 1n)];
    expect(candidateRules({ calls, exempt: [], clocks: [] }).map(({ rules: [rule], power }) => [rule, power])).toEqual([
      [expect.objectContaining({ kind: "ARG_MAX", argIndex: 1, bound: 8n }), 1],
      [expect.objectContaining({ kind: "ARG_MAX", argIndex: 0, bound: 64n }), 4],
    ]);
  });

  test("take what is too small for a bound from below", () => {
    expect(rulesFor(call("benign", 0, 1_000n), call("benign", 1, 900n), call("attack", 2, 3n))).toMatchObject([
      { kind: "ARG_MIN", bound: 450n },
    ]);
  });

  test("hold two calls in a block by one hand against it, unless honest people do the same", () => {
    const twice = [call("attack", 2, 5n), { ...call("attack", 3, 5n), block: 2n }];
    expect(rulesFor(call("benign", 0, 5n), ...twice)).toMatchObject([{ kind: "NO_SAME_BLOCK" }]);
    expect(rulesFor(call("benign", 0, 5n), { ...call("benign", 1, 5n), block: 0n }, ...twice)).toEqual([]);
  });

  test("stay few where an enemy's trace has tens of thousands of calls of hundreds of functions", () => {
    const many = (role: VictimCall["role"]) =>
      Array.from({ length: 20_000 }, (_, i) => call(role, i % 500, BigInt(i % 7)));
    const calls = [...many("attack"), ...many("benign")];
    expect(candidateRules({ calls, exempt: [], clocks: [] }).length).toBeLessThan(200);
  });
});
