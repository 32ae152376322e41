import fc from "fast-check";
import { expect, test } from "vitest";
import type { PausePlan } from "../model/Action.ts";
import type { Hex } from "../model/Hex.ts";
import type { PausePermission } from "../model/Policy.ts";
import { isIntact } from "../model/Record.ts";
import {
  anySelector,
  borrow,
  close,
  guardians,
  market,
  permission,
  policyBody,
  vault,
  withdraw,
} from "./cases.testkit.ts";
import { PolicyRefused } from "./PolicyRefused.ts";
import { coolOffKey, maxPauseSeconds, policyRefusals, refusalOf, toPolicy } from "./policyCheck.ts";

const policy = toPolicy(policyBody);
const now = 1_000_000n;
const plan: PausePlan = { type: "pause", target: vault, selectors: [withdraw], durationSeconds: 3_600 };
const withPermission = (change: Partial<PausePermission>) => ({
  ...policyBody,
  permissions: [{ ...permission, ...change }],
});

test("RESP-01: a policy's id is the hash of all that it says", () => {
  expect(isIntact({ ...policy, kind: "Policy", from: [] })).toBe(false);
  expect(toPolicy({ ...policyBody }).id).toBe(policy.id);
  expect(toPolicy({ ...policyBody, quorum: 3 }).id).not.toBe(policy.id);
  expect(Object.isFrozen(policy)).toBe(true);
});

test("RESP-12: a relay has bytes to itself for 1 to 1,000 blocks, or for ever, and a policy with another is another", () => {
  const withRelay = (publicAfterBlocks: number | "never") =>
    toPolicy({ ...policyBody, relay: { name: "https://relay.example", publicAfterBlocks } });
  expect(() => withRelay(0)).toThrowErrorMatchingInlineSnapshot(`
    [PolicyRefused: Relay https://relay.example has bytes to itself for 0 blocks.
    - Allowed: 1 to 1000 blocks, or "never" to forbid the public nodes.
    - Set \`relay.publicAfterBlocks\` within that.]
  `);
  for (const wrong of [-1, 1.5, Number.NaN, 1_001]) expect(() => withRelay(wrong)).toThrow(PolicyRefused);
  const ids = [policy.id, withRelay(1).id, withRelay(1_000).id, withRelay("never").id];
  expect(new Set(ids).size).toBe(4);
});

test("RESP-01: a budget is a step of the ladder", () => {
  expect(() => toPolicy(withPermission({ budgetPpm: 150 }))).toThrowErrorMatchingInlineSnapshot(`
    [PolicyRefused: \`budgetPpm\` of 0xaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa is 150.
    - Allowed: 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000, 100000 (millionths), the steps that a calibration has.
    - Name one of them.]
  `);
  expect(toPolicy(withPermission({ budgetPpm: 100 })).id).not.toBe(policy.id);
});

test("RESP-02: a selector that reduces risk cannot be listed as pausable", () => {
  expect(() => toPolicy(withPermission({ selectors: [withdraw, close] }))).toThrowErrorMatchingInlineSnapshot(`
    [PolicyRefused: Selector 0x43d726d6 of "Vault" reduces risk and is listed as pausable.
    - Users must be able to close, repay and add margin under every pause.
    - Take 0x43d726d6 out of \`selectors\`.]
  `);
});

test("RESP-02: a second permission for a contract cannot list what the first exempts", () => {
  const permissions = [
    { ...permission, selectors: [close], exempt: [] },
    { ...permission, selectors: [withdraw], exempt: [close] },
  ];
  expect(() => toPolicy({ ...policyBody, permissions })).toThrow(/has two permissions/);
});

test("RESP-01: what is no whole number is neither a quorum nor a duration", () => {
  for (const wrong of [Number.NaN, 2.5, Number.POSITIVE_INFINITY]) {
    expect(() => toPolicy({ ...policyBody, quorum: wrong })).toThrow(PolicyRefused);
    expect(() => toPolicy(withPermission({ maxDurationSeconds: wrong }))).toThrow(PolicyRefused);
  }
});

test("RESP-06: no policy lets a pause last longer than 72 h, or no time at all", () => {
  expect(() =>
    toPolicy(withPermission({ maxDurationSeconds: maxPauseSeconds + 1 })),
  ).toThrowErrorMatchingInlineSnapshot(`
    [PolicyRefused: A pause of "Vault" may last 259201 s.
    - Allowed: 1 to 259200 s (72 h).
    - Set \`maxDurationSeconds\` within that.]
  `);
  for (const maxDurationSeconds of [0, -1])
    expect(() => toPolicy(withPermission({ maxDurationSeconds }))).toThrow(PolicyRefused);
  expect(toPolicy(withPermission({ maxDurationSeconds: maxPauseSeconds })).permissions).toHaveLength(1);
});

test("RESP-01: one guardian alone is no quorum", () => {
  expect(() => toPolicy({ ...policyBody, quorum: 1 })).toThrowErrorMatchingInlineSnapshot(`
    [PolicyRefused: Quorum is 1.
    - At least two guardians have to agree.
    - Set \`quorum\` to 2 or more.]
  `);
});

test("RESP-01: a quorum has to be reachable by different guardians", () => {
  const twice = [guardians[0]!, guardians[0]!];
  expect(() => toPolicy({ ...policyBody, guardians: twice })).toThrowErrorMatchingInlineSnapshot(`
    [PolicyRefused: Quorum is 2 with 1 guardian(s).
    - The quorum cannot be reached.
    - Name more guardians, or lower \`quorum\`.]
  `);
  expect(() => toPolicy({ ...policyBody, quorum: 4 })).toThrow(PolicyRefused);
});

test("CHECK-03: all that keeps a policy from being one is told, each with its place", () => {
  const rule = { target: vault, selectors: [close], kinds: ["ARG_MAX"] as const, maxDurationSeconds: 200_000 };
  const refused = [
    ...policyRefusals({
      ...policyBody,
      permissions: [{ ...permission, selectors: [withdraw, close], maxDurationSeconds: 0 }, permission],
      guardians: [guardians[0]!],
      rules: {
        program: vault,
        atOnce: 0,
        permissions: [rule],
        derived: {
          permissions: [{ ...rule, target: market, oracles: [], amounts: [] }],
          ...{ aDay: 25, leastHonest: 5, lookBackBlocks: 5, budgetMs: 5 },
        },
      },
      relay: { name: "https://relay.example", publicAfterBlocks: 0 },
      rateLimit: { actions: 0, seconds: 1.5 },
    }),
  ];
  expect(refused.map(({ path }) => path.join("."))).toEqual([
    "permissions.0.selectors",
    "permissions.0.maxDurationSeconds",
    "permissions.1",
    "rules.atOnce",
    "rules.permissions.0.selectors",
    "rules.permissions.0.maxDurationSeconds",
    "rules.derived.aDay",
    "rules.derived.permissions.0.target",
    "rules.derived.permissions.0.maxDurationSeconds",
    "relay.publicAfterBlocks",
    "rateLimit.actions",
    "rateLimit.seconds",
    "guardians",
  ]);
  expect(refused.every((one) => one instanceof PolicyRefused)).toBe(true);
});

const selectors = fc.uniqueArray(anySelector, { maxLength: 4 });
const anyBody = fc
  .record({
    selectors,
    exempt: selectors,
    maxDurationSeconds: fc.integer({ min: -10, max: 2 * maxPauseSeconds }),
    quorum: fc.integer({ min: -1, max: 5 }),
    members: fc.array(fc.constantFrom(...guardians), { maxLength: 5 }),
  })
  .map(({ quorum, members, ...limits }) => ({ ...withPermission(limits), quorum, guardians: members }));

test("RESP-02: whatever is written, what toPolicy accepts spares the exempt, ends within 72 h and needs two people", () => {
  let accepted = 0;
  fc.assert(
    fc.property(anyBody, (body) => {
      let made: ReturnType<typeof toPolicy>;
      try {
        made = toPolicy(body);
      } catch (error) {
        expect(error).toBeInstanceOf(PolicyRefused);
        return;
      }
      accepted += 1;
      for (const { selectors, exempt, maxDurationSeconds } of made.permissions) {
        expect(selectors.filter((selector) => exempt.includes(selector))).toEqual([]);
        expect(maxDurationSeconds).toBeGreaterThan(0);
        expect(maxDurationSeconds).toBeLessThanOrEqual(maxPauseSeconds);
      }
      expect(made.quorum).toBeGreaterThanOrEqual(2);
      expect(new Set(made.guardians).size).toBeGreaterThanOrEqual(made.quorum);
    }),
    { numRuns: 2_000, seed: 7 },
  );
  // The property would hold of a toPolicy that refuses everything.
  expect(accepted).toBeGreaterThan(20);
});

test.each<[string, PausePlan, bigint, string | undefined]>([
  ["a plan within the policy", plan, now, undefined],
  [
    "the whole of what is permitted",
    { ...plan, selectors: [withdraw, borrow], durationSeconds: 21_600 },
    now,
    undefined,
  ],
  ["the last second of the policy", plan, policy.expiresAt - 1n, undefined],
  ["an expired policy", plan, policy.expiresAt, "policy expired at 10000000"],
  ["another target", { ...plan, target: market }, now, `target ${market} is not in the policy`],
  ["no selector", { ...plan, selectors: [] }, now, "no selector named"],
  ["an exempt selector", { ...plan, selectors: [close] }, now, `selector ${close} of Vault is not in the policy`],
  [
    "one selector too many",
    { ...plan, selectors: [withdraw, "0xdeadbeef"] },
    now,
    "selector 0xdeadbeef of Vault is not in the policy",
  ],
  ["no time", { ...plan, durationSeconds: 0 }, now, "duration 0 s is outside 1..21600 s"],
  ["too long", { ...plan, durationSeconds: 21_601 }, now, "duration 21601 s is outside 1..21600 s"],
])("RESP-01: refusal of %s", (_, asked, at, refusal) => {
  expect(refusalOf(policy, asked, at)).toBe(refusal);
});

test("RESP-02: a plan that is not refused names only pausable selectors of its target, for a permitted time", () => {
  const anyPlan = fc.record({
    target: fc.constantFrom(vault, market),
    selectors: fc.array(fc.constantFrom<Hex>(withdraw, borrow, close, "0xdeadbeef"), { maxLength: 3 }),
    durationSeconds: fc.integer({ min: -1, max: 25_000 }),
  });
  let allowed = 0;
  fc.assert(
    fc.property(anyPlan, (body) => {
      if (refusalOf(policy, { type: "pause", ...body }, now) !== undefined) return;
      allowed += 1;
      expect(body.target).toBe(vault);
      expect(body.selectors.length).toBeGreaterThan(0);
      for (const selector of body.selectors) expect([withdraw, borrow]).toContain(selector);
      expect(body.durationSeconds).toBeGreaterThan(0);
      expect(body.durationSeconds).toBeLessThanOrEqual(21_600);
    }),
    { numRuns: 2_000, seed: 7 },
  );
  expect(allowed).toBeGreaterThan(20);
});

test("RESP-05: each selector of each target cools off by itself", () => {
  const keys = [vault, market].flatMap((target) =>
    [withdraw, borrow].map((selector) => coolOffKey("pause", target, selector)),
  );
  expect(new Set(keys).size).toBe(4);
});

test("FIND-05: a policy whose signatures end before its actions may go is refused", () => {
  const waiting = (finality: number | "finalized", deadlineSeconds: number) =>
    toPolicy({ ...policyBody, deadlineSeconds, permissions: [{ ...permission, finality }] });
  expect(waiting(12, 300).permissions[0]!.finality).toBe(12);
  expect(waiting("finalized", 3_600).permissions[0]!.finality).toBe("finalized");
  expect(() => waiting("finalized", 1_799)).toThrow(
    "wait until their causes are finalized, and are signed for 1799 s.",
  );
  expect(() => waiting(10_000, 2_499)).toThrow("wait until their causes are 10000 blocks deep");
});
