import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type GuardRule, ruleKinds } from "../model/GuardRule.ts";
import type { Hex } from "../model/Hex.ts";
import type { DeriveBounds, DerivePermission } from "../model/Policy.ts";
import { borrow, close, findingOf, hash, incidentOf, market, policyBody, vault, withdraw } from "./cases.testkit.ts";
import { atLeastPromised, refusalOfDerived } from "./deriveCheck.ts";
import { planSearches } from "./planSearches.ts";
import { toPolicy } from "./policyCheck.ts";

const clock: Hex = `0x${"c1".repeat(20)}`;
const granted: DerivePermission = {
  ...{ target: vault, selectors: [withdraw], kinds: ruleKinds, maxDurationSeconds: 3_600, oracles: [clock] },
  amounts: [{ selector: withdraw, argIndex: 0, lowestMax: 500n }],
};
const bounds: DeriveBounds = {
  ...{ permissions: [granted], aDay: 2, leastHonest: 3, lookBackBlocks: 100, budgetMs: 5_000 },
};
const policyOf = (change: Partial<DeriveBounds> = {}, permission: Partial<DerivePermission> = {}) =>
  toPolicy({
    ...policyBody,
    rules: {
      ...{ program: `0x${"dd".repeat(20)}`, permissions: [], atOnce: 1 },
      derived: { ...bounds, permissions: [{ ...granted, ...permission }], ...change },
    },
  });
const rule = (change: Partial<GuardRule> = {}): GuardRule => ({
  ...{ target: vault, selector: withdraw, kind: "ARG_MAX", argIndex: 0, bound: 500n },
  ...change,
});

describe("LAB-22: bounds of derived rules", () => {
  test("error: a way out of risk, a contract whose ways out nobody named, more than may ever be", () => {
    expect(() => policyOf()).not.toThrow();
    expect(() => policyOf({}, { selectors: [close] })).toThrow(/reduces risk and may be ruled/);
    expect(() => policyOf({}, { target: market })).toThrow(/no permission of the policy names its ways out/);
    expect(() => policyOf({}, { maxDurationSeconds: 36 * 3_600 + 1 })).toThrow(/may last/);
    expect(() => policyOf({ aDay: 25 })).toThrow(/aDay` is 25/);
    expect(() => policyOf({ leastHonest: 0 })).toThrow(/leastHonest` is 0/);
    expect(() => policyOf({ budgetMs: 120_001 })).toThrow(/budgetMs/);
    expect(() => policyOf({ permissions: [granted, granted] })).toThrow(/two permissions for derived rules/);
  });

  test("an argument that nobody called an amount is not bounded: a bound on a position's number shuts out who comes later", () => {
    expect(refusalOfDerived(bounds, rule(), 60)).toBeUndefined();
    expect(refusalOfDerived(bounds, rule({ argIndex: 1 }), 60)).toMatch(/word 1 .* has no ARG_MAX/);
    expect(refusalOfDerived(bounds, rule({ kind: "ARG_MIN" }), 60)).toMatch(/word 0 .* has no ARG_MIN/);
  });

  test("a clock that the policy does not name is refused: an attacker's own would always say now", () => {
    const delay = (by: Hex) => rule({ kind: "ORACLE_DELAY", bound: (60n << 160n) | BigInt(by) });
    expect(refusalOfDerived(bounds, delay(clock), 60)).toBeUndefined();
    expect(refusalOfDerived(bounds, delay(market), 60)).toBe(`${market} is no oracle of the policy`);
  });

  test("whatever is derived, what passes leaves the promised amount possible and lasts no longer than granted", () => {
    const anyRule = fc.record({
      target: fc.constantFrom(vault, market),
      selector: fc.constantFrom(withdraw, borrow),
      kind: fc.constantFrom(...ruleKinds),
      argIndex: fc.nat(2),
      bound: fc.bigInt(0n, 1_000n),
    });
    fc.assert(
      fc.property(anyRule, fc.integer({ min: -1, max: 4_000 }), (any, seconds) => {
        const moved = atLeastPromised(bounds, any);
        if (refusalOfDerived(bounds, moved, seconds) !== undefined) return;
        expect([moved.target, moved.selector]).toEqual([vault, withdraw]);
        expect(seconds > 0 && seconds <= 3_600).toBe(true);
        expect(moved.kind).not.toBe("ARG_MIN");
        if (moved.kind === "ARG_MAX") expect(moved.bound >= 500n && moved.bound >= any.bound).toBe(true);
      }),
    );
  });
});

describe("LAB-22: what is looked for", () => {
  const tx = (digit: string): Hex => `0x${digit.repeat(64)}`;
  const [anomaly, damage] = [findingOf("anomaly", { txHash: tx("a") }), findingOf("damage")];
  const gate = { anomaly, damage };
  const search = (
    findings = [anomaly, damage],
    change: Partial<Parameters<typeof planSearches>[0]> = {},
    policy = policyOf(),
  ) =>
    planSearches(
      {
        ...{
          incident: incidentOf(findings),
          findings,
          standingRules: 0,
          begunOfLate: 0,
          derivedToday: 0,
          searchesToday: 0,
          isAsked: () => false,
        },
        head: { number: 100n, hash, parentHash: hash, timestamp: 1_000_000n },
        ...change,
      },
      policy,
      gate,
      [{ type: "deriveRule", target: vault, durationSeconds: 3_600 }],
    );

  test("is what the gate's own detectors accuse: whom another one suspects is not taken for the attack", () => {
    const honest = findingOf("anomaly", { detector: "another", txHash: tx("b") });
    const mild = findingOf("anomaly", { severity: "medium", txHash: tx("c") });
    const more = findingOf("anomaly", { txHash: tx("d") });
    expect(search([anomaly, damage, honest, mild, more]).asked.map(({ attack }) => attack)).toEqual([
      [tx("a"), tx("d")],
    ]);
  });

  test("is refused beyond the day's number, the number at once, and where no transaction is named", () => {
    expect(search(undefined, { derivedToday: 2 }).refused).toEqual([
      "2 derived rules were proposed within a day, 2 may be",
    ]);
    expect(search(undefined, { standingRules: 1 }).refused).toEqual(["1 rules stand, 1 may at once"]);
    const spent = { searchesToday: 48 };
    expect(search(undefined, spent)).toEqual({
      asked: [],
      refused: ["48 searches for a rule were begun within a day"],
      limited: [],
    });
    const strict = search(undefined, {}, policyOf({}, { budgetPpm: 100 }));
    expect(strict.limited).toEqual([
      `no anomaly is calibrated to a budget of 0.01 % or a stricter one, as rules of ${vault} need it`,
    ]);
    expect(search(undefined, { ...spent, isAsked: () => true })).toEqual({ asked: [], refused: [], limited: [] });
    expect(search(undefined, { searchesToday: 47 }).asked).toHaveLength(1);
    const nameless = { anomaly: findingOf("anomaly"), damage };
    const { refused } = planSearches(
      {
        ...{ incident: incidentOf([]), findings: [nameless.anomaly, damage], standingRules: 0, derivedToday: 0 },
        ...{ searchesToday: 0, isAsked: () => false, head: { number: 1n, hash, parentHash: hash, timestamp: 1n } },
      },
      policyOf(),
      nameless,
      [{ type: "deriveRule", target: vault, durationSeconds: 60 }],
    );
    expect(refused).toEqual(["no finding names a transaction to derive a rule from"]);
  });
});
