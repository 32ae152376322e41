import type { Finding } from "@testudo/core/model/Finding";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  falseAlertsAmong,
  isContained,
  type ScenarioScore,
  savedShareOf,
  shortfallsOf,
  toScorecard,
} from "./scorecard.ts";
import { shutWays } from "./waysOut.ts";

const score: ScenarioScore = {
  name: "pump",
  kind: "pump",
  protocol: "P",
  naive: { lossUsd: 100 },
  defended: { lossUsd: 5 },
  savedShare: 0.95,
  firstBadBlock: 10,
  alertMs: 5,
  pausedBlock: 11,
  pausedSelectors: [{ target: "0x01", selector: "0x02", until: 3 }],
  riskReducingStillOpen: true,
  falseAlerts: 0,
  benignTx: 9,
  remediation: { guard: "pause", guardSeconds: 2, ruleMs: null, upgrade: null, upgradeMs: null },
};
const finding = (change: Partial<Finding>) =>
  ({ class: "anomaly", severity: "high", phase: "live", blockNumber: 12n, ...change }) as Finding;

test("property: the saved share is within 0 and 1 and is 1 - defended / naive in between", () => {
  fc.assert(
    fc.property(
      fc.double({ min: -1e9, max: 1e9, noNaN: true }),
      fc.double({ min: -1e9, max: 1e9, noNaN: true }),
      (naive, defended) => {
        const share = savedShareOf(naive, defended);
        expect(share >= 0 && share <= 1).toBe(true);
        if (naive > 0 && defended >= 0 && defended <= naive) expect(share).toBeCloseTo(1 - defended / naive, 9);
      },
    ),
  );
  expect([savedShareOf(100, 120), savedShareOf(100, -1), savedShareOf(0, 0), savedShareOf(Number.NaN, 1)]).toEqual([
    0, 1, 0, 0,
  ]);
});

test("behavior: contained means paused, most of it saved, the ways out open and nobody accused", () => {
  const contained = (change: Partial<ScenarioScore>) => isContained(toScorecard(1, [score, { ...score, ...change }]));
  expect(contained({})).toBe(true);
  expect(contained({ pausedBlock: null })).toBe(false);
  expect(contained({ savedShare: 0.89 })).toBe(false);
  expect(contained({ riskReducingStillOpen: false })).toBe(false);
  expect(contained({ falseAlerts: 1 })).toBe(false);
});

test("behavior: where the modules bound an attack, contained means within the bound, with or without a pause", () => {
  const bounded = { ...score, pausedBlock: null, pausedSelectors: [], savedShare: 0 };
  const faults = (lossUsd: number, change: Partial<ScenarioScore> = {}) =>
    shortfallsOf({ ...bounded, defended: { lossUsd, boundUsd: 20 }, ...change });
  expect(faults(20)).toEqual([]);
  expect(faults(21)).toEqual(["21 USD were lost, at most 20 may be"]);
  expect(faults(0, { naive: { lossUsd: 0 } })).toEqual(["the attack took nothing where nothing defends"]);
  expect(faults(0, { falseAlerts: 1 })).toEqual(["1 false alerts on 9 honest transactions"]);
  expect(faults(0, { riskReducingStillOpen: false })).toHaveLength(1);
});

test("behavior: totals add up, and the total share is that of the sums", () => {
  const other = { ...score, naive: { lossUsd: 300 }, defended: { lossUsd: 300 }, falseAlerts: 2, benignTx: 1 };
  expect(toScorecard(7, [score, other]).totals).toEqual({
    scenarios: 2,
    naiveLossUsd: 400,
    defendedLossUsd: 305,
    savedShare: 1 - 305 / 400,
    falseAlerts: 2,
    benignTx: 10,
    meanGuardSeconds: 2,
    meanUpgradeSeconds: null,
  });
});

test("behavior: a false alert accuses an honest transaction, or comes before anything bad; not below high, not of history", () => {
  const [benign, attack] = [new Set<`0x${string}`>(["0xaa"]), new Set<`0x${string}`>(["0xcc"])];
  const count = (change: Partial<Finding>) => falseAlertsAmong([finding(change)], { benign, attack }, 10n);
  expect(count({ txHash: "0xaa" })).toBe(1);
  expect(count({ txHash: "0xbb" })).toBe(0);
  expect(count({ txHash: "0xbb", blockNumber: 9n })).toBe(1);
  // What the attacker sent beforehand was rightly suspected.
  expect(count({ txHash: "0xcc", blockNumber: 9n })).toBe(0);
  expect(count({ txHash: "0xaa", severity: "medium" })).toBe(0);
  expect(count({ txHash: "0xaa", phase: "history" })).toBe(0);
  expect(count({ txHash: "0xaa", class: "health" })).toBe(0);
});

test.each<[Partial<ScenarioScore>, readonly string[], readonly string[]]>([
  [{}, [], []],
  [{ pausedBlock: null }, [], ["nothing was paused"]],
  [{ savedShare: 0.8999 }, [], ["89.9 % of the loss was saved, at least 90 % have to be"]],
  [
    { riskReducingStillOpen: false },
    ["liquidate", "deposit"],
    ["a way out of risk was shut under the pause, or not shown: liquidate, deposit"],
  ],
  [{ falseAlerts: 2 }, [], ["2 false alerts on 9 honest transactions"]],
  [
    { pausedBlock: null, pausedSelectors: [], riskReducingStillOpen: false, savedShare: 0, falseAlerts: 1 },
    [],
    [
      "nothing was paused",
      "0.0 % of the loss was saved, at least 90 % have to be",
      "no pause was in force under which ways out of risk could be shown",
      "1 false alerts on 9 honest transactions",
    ],
  ],
])("behavior: what an attack lacks to be contained is named (%j)", (change, shut, faults) => {
  const changed = { ...score, ...change };
  expect(shortfallsOf(changed, shut)).toEqual(faults);
  expect(isContained(toScorecard(1, [score, changed]))).toBe(faults.length === 0);
});

test("RESP-02: a way out that does not work, or that nobody tried, is shut", () => {
  const open = ["deposit", "closePosition", "liquidate"].map((name) => ({ name, ok: true }));
  expect(shutWays(open)).toEqual([]);
  expect(shutWays([{ name: "repay", ok: false }, ...open.slice(1)])).toEqual(["repay", "deposit"]);
});

test("LAB-23: mean times go over the attacks that have one; to the upgrade it is the guard's time and the work", () => {
  const of = (change: Partial<ScenarioScore["remediation"]>) => ({
    ...score,
    remediation: { ...score.remediation, ...change },
  });
  const { totals } = toScorecard(1, [
    of({ guard: "rule", guardSeconds: 2, upgrade: "health check in reclaim", upgradeMs: 1_500 }),
    of({ guardSeconds: 4 }),
    of({ guard: null, guardSeconds: null, upgrade: "rounding", upgradeMs: 10 }),
  ]);
  expect([totals.meanGuardSeconds, totals.meanUpgradeSeconds]).toEqual([3, 3.5]);
});
