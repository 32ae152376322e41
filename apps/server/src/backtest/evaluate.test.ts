import type { DetectorMeta } from "@testudo/core/model/Detector";
import type { Severity } from "@testudo/core/model/Finding";
import type { Hex } from "@testudo/core/model/Hex";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type EvaluationCase, type JudgedCase, judgingDetectors, type Truth } from "./Case.ts";
import { compareReports, worseThan } from "./compareReports.ts";
import { evaluate, predictiveValue } from "./evaluate.ts";
import { mergeCases } from "./mergeCases.ts";
import { limits, reportOf } from "./Report.ts";
import { renderMarkdown } from "./renderMarkdown.ts";
import { withStages } from "./withStages.ts";

const detectors = judgingDetectors();
const drain = detectors.find((meta) => meta.id === "asset-drain")!;
const hashOf = (n: number): Hex => `0x${n.toString(16).padStart(64, "0")}`;

function judged(n: number, truth: Truth, severity?: Severity, more: Partial<JudgedCase> = {}): JudgedCase {
  const findings =
    severity === undefined
      ? []
      : [{ detector: drain.id, severity, class: "damage" as const, subject: hashOf(1), score: 1, reason: "it left" }];
  return { kind: "judged", tx: hashOf(n), truth, source: "a", has: ["X", "T", "L", "S"], findings, ms: 1, ...more };
}

function skipped(n: number, truth: Truth): EvaluationCase {
  return { kind: "skipped", tx: hashOf(n), truth, source: "a", reason: "missing-code" };
}

const rowOf = (cases: readonly EvaluationCase[], name: string, list: readonly DetectorMeta[] = detectors) =>
  evaluate(cases, list).find((row) => row.name === name)!;

const report = (cases: readonly EvaluationCase[]) =>
  reportOf({
    cases,
    faults: [],
    hashes: new Map(),
    timed: cases,
    coveredSeconds: 86_400,
    isComplete: true,
    seconds: 1,
  });

describe("EVAL-01: the matrix", () => {
  const cases = [
    judged(1, "attack", "critical"),
    judged(2, "attack", "high"),
    judged(3, "attack", "medium"),
    skipped(4, "attack"),
    judged(5, "benign", "high"),
    judged(6, "benign", "low"),
    judged(7, "benign"),
    skipped(8, "benign"),
  ];

  test("counts each case once, by level", () => {
    expect(rowOf(cases, "union").matrix).toEqual({ tp: 2, fn: 1, fp: 1, tn: 2, na: { attack: 1, benign: 1 } });
    expect(rowOf(cases, "paging").matrix).toEqual({ tp: 1, fn: 2, fp: 0, tn: 3, na: { attack: 1, benign: 1 } });
    // Damage alone opens no gate.
    expect(rowOf(cases, "gate").matrix).toEqual({ tp: 0, fn: 3, fp: 0, tn: 3, na: { attack: 1, benign: 1 } });
    expect(rowOf(cases, drain.id).matrix).toEqual(rowOf(cases, "union").matrix);
  });

  test("tells rates with their intervals, coverage, and recall that counts what was not judged as missed", () => {
    const { recall, recallAll, coverage, precision, falsePositiveRate } = rowOf(cases, "union");
    expect([recall.value, recallAll.value, coverage.value, precision.value, falsePositiveRate.value]).toEqual([
      2 / 3,
      2 / 4,
      6 / 8,
      2 / 3,
      1 / 3,
    ]);
    expect(recall.low).toBeCloseTo(0.0943, 4);
    expect(recall.high).toBeCloseTo(0.9916, 4);
  });

  test("says n/a for a detector whose scope is missing, and never silent", () => {
    const blind = [judged(1, "attack", undefined, { has: ["X", "T"] }), judged(2, "benign", undefined, { has: ["X"] })];
    expect(rowOf(blind, drain.id).matrix).toEqual({ tp: 0, fn: 0, fp: 0, tn: 0, na: { attack: 1, benign: 1 } });
  });

  test("opens the gate where anomaly and damage meet", () => {
    const [finding] = judged(1, "attack", "high").findings;
    const both = judged(1, "attack", "high", { findings: [finding!, { ...finding!, class: "anomaly" }] });
    expect(rowOf([both], "gate").matrix.tp).toBe(1);
  });

  test("has a row for each mechanism, each side of the split, and bystanders apart", () => {
    const more = [
      judged(1, "attack", "critical", { mechanism: "reentrancy", at: Date.UTC(2023, 5) / 1_000 }),
      judged(2, "attack", undefined, { mechanism: "price", at: Date.UTC(2024, 5) / 1_000 }),
      judged(3, "weak", "critical", { source: "b" }),
      judged(4, "weak", undefined, { source: "c" }),
    ];
    expect(rowOf(more, "attacks by reentrancy").matrix).toMatchObject({ tp: 1, fn: 0 });
    expect(rowOf(more, "attacks by price").matrix).toMatchObject({ tp: 0, fn: 1 });
    expect(rowOf(more, "attacks before 2024").matrix).toMatchObject({ tp: 1, fn: 0 });
    expect(rowOf(more, "attacks since 2024 (held out)").matrix).toMatchObject({ tp: 0, fn: 1 });
    expect(rowOf(more, "seen by bystanders (inferred)").matrix).toMatchObject({ fp: 1, tn: 1 });
    expect(rowOf(more, "union").matrix).toMatchObject({ tp: 1, fn: 1, fp: 0, tn: 0 });
  });

  test("adds up, whatever the cases", () => {
    const one = fc.tuple(
      fc.constantFrom<Truth>("attack", "benign"),
      fc.constantFrom<Severity | "skipped" | undefined>("critical", "high", "medium", "skipped", undefined),
    );
    fc.assert(
      fc.property(fc.array(one, { maxLength: 40 }), (list) => {
        const all = list.map(([truth, what], n) => (what === "skipped" ? skipped(n, truth) : judged(n, truth, what)));
        for (const { matrix, recall } of evaluate(all, detectors).filter((row) => row.kind !== "period")) {
          const { tp, fn, fp, tn, na } = matrix;
          expect(tp + fn + fp + tn + na.attack + na.benign).toBe(all.length);
          expect(recall.value).toBe(tp + fn === 0 ? null : tp / (tp + fn));
        }
        const [union, paging] = [rowOf(all, "union").matrix, rowOf(all, "paging").matrix];
        expect(paging.tp).toBeLessThanOrEqual(union.tp);
        expect(paging.fp).toBeLessThanOrEqual(union.fp);
      }),
    );
  });
});

test("EVAL-02: precision is told at the base rate of a live feed, with what the intervals leave of it", () => {
  // 90 % recall at 0.1 % false alarms: of a feed with one attack in a thousand half of the alerts are true.
  expect(predictiveValue(0.9, 0.001, 1e-3)).toBeCloseTo(0.474, 3);
  expect(predictiveValue(0.9, 0.001, 1e-6)).toBeCloseTo(0.0009, 4);
  expect(predictiveValue(0.9, 0, 1e-6)).toBe(1);
  expect(predictiveValue(null, 0.001, 1e-6)).toBeNull();
  const cases = [judged(0, "attack", "high"), ...Array.from({ length: 999 }, (_, n) => judged(n + 1, "benign"))];
  const { predictive, falseAlertsPerDay } = rowOf(cases, "union");
  // No false alarm in 999 says "at most 3 a day of a thousand", and not "none".
  expect(predictive[2]).toMatchObject({ baseRate: 1e-6, value: 1 });
  expect(predictive[2]!.atLeast).toBeLessThan(1e-4);
  expect(falseAlertsPerDay[0]).toMatchObject({ transactions: 1_000, value: 0 });
  expect(falseAlertsPerDay[0]!.atMost).toBeCloseTo(2.99, 2);
  // Without ordinary traffic nothing is claimed.
  const alone = rowOf([judged(0, "attack", "high")], "union");
  expect(alone.precision.value).toBeNull();
  expect(alone.falseAlertsPerDay.map((day) => day.atMost)).toEqual([null, null]);
});

test("EVAL-03: of a transaction that two sets have, one case is counted", () => {
  const { cases, duplicates } = mergeCases([
    judged(1, "benign"),
    judged(1, "attack", undefined, { has: ["X", "T"] }),
    judged(1, "attack", "critical"),
    skipped(1, "attack"),
    judged(2, "weak", undefined, { source: "x" }),
    judged(2, "weak", undefined, { source: "y" }),
  ]);
  expect(duplicates).toBe(3);
  expect(cases).toEqual([
    judged(1, "attack", "critical"),
    judged(2, "weak", undefined, { source: "x" }),
    judged(2, "weak", undefined, { source: "y" }),
  ]);
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(5), fc.constantFrom<Truth>("attack", "benign"))), (list) => {
      const all = list.map(([n, truth]) => judged(n, truth));
      const merged = mergeCases(all).cases;
      expect(new Set(merged.map((one) => one.tx)).size).toBe(merged.length);
      expect(
        mergeCases([...all].reverse())
          .cases.map((c) => c.truth)
          .sort(),
      ).toEqual(merged.map((c) => c.truth).sort());
    }),
  );
});

test("EVAL-06: an attack is told before, in its transaction, within a block, later, or never", () => {
  const at = (n: number, block: number, severity?: Severity) =>
    judged(n, "attack", severity, { block, name: n < 10 ? "one" : "two" });
  const stages = (cases: readonly JudgedCase[]) => withStages(cases).map((one) => one.stage);
  expect(stages([at(1, 5, "high"), at(2, 9)])).toEqual(["in-transaction", "before"]);
  expect(stages([at(1, 5), at(2, 6, "critical")])).toEqual(["within-1-block", "in-transaction"]);
  expect(stages([at(1, 5), at(2, 7, "critical")])).toEqual(["later", "in-transaction"]);
  // Another attack's alert tells nothing of this one.
  expect(stages([at(1, 5), at(11, 4, "critical")])).toEqual(["never", "in-transaction"]);
});

test("EVAL-07: what was never seen is a bound, and the limits stand with every result", () => {
  const made = report(Array.from({ length: 3_445 }, (_, n) => judged(n, "benign")));
  expect(made.bounds[0]).toMatchObject({ hits: 0, trials: 3_445 });
  expect(made.bounds[0]!.rateNotExcluded).toBeCloseTo(0.000_869_2, 6);
  expect(made.limits).toBe(limits);
  expect(made.alertsPerDay).toBe(0);
});

test("EVAL-08: a lost attack or a new false alarm is worse than the baseline, and named", () => {
  const before = [judged(1, "attack", "high"), judged(2, "benign"), judged(3, "attack", "critical")];
  const now = [judged(1, "attack"), judged(2, "benign", "critical"), judged(3, "attack", "critical")];
  const worse = compareReports(now, before);
  expect(worse).toMatchObject({ cases: 3, lost: [hashOf(1)], newFalse: [hashOf(2)] });
  expect(worseThan(worse)).toBe(
    "Worse than the baseline, of 3 cases that both judged: 1 attack is lost, 1 false alarm is new.",
  );
  expect(worseThan(compareReports(before, now))).toBeUndefined();
  expect(worseThan(compareReports(before, before))).toBeUndefined();
});

test("EVAL-08: only what both judged is compared, each transaction once", () => {
  const before = [judged(1, "attack", "high"), judged(3, "attack", "critical"), skipped(4, "attack")];
  // Three more attacks are told and one is not any more: more in all, and yet one is lost.
  const now = [judged(1, "attack"), judged(1, "attack"), ...[4, 5, 6].map((n) => judged(n, "attack", "critical"))];
  expect(compareReports(now, before)).toMatchObject({ cases: 1, onlyNow: 0, lost: [hashOf(1)] });
  expect(worseThan(compareReports(now, before))).toContain("1 attack is lost");
  // Fewer were judged: that is none the worse.
  expect(worseThan(compareReports([judged(3, "attack", "critical")], before))).toBeUndefined();
  expect(compareReports([judged(9, "attack")], before).cases).toBe(0);
});

test("EVAL-08: a label that was corrected loses nothing, and a lost case has the name of its label", () => {
  const silent = (truth: Truth) => [judged(1, truth, undefined, { name: "mango" })];
  expect(worseThan(compareReports(silent("attack"), silent("benign")))).toBeUndefined();
  const told = [judged(1, "attack", "high", { name: "mango" })];
  const comparison = compareReports(silent("attack"), told);
  expect(renderMarkdown(report(silent("attack")), comparison)).toContain(`- lost: ${hashOf(1)} (mango)\n`);
  expect(renderMarkdown(report(silent("attack")), comparison)).toContain("1 case judged by both");
  expect(renderMarkdown(report(told))).toContain("- 1 transaction, 1 judged.");
});

test("EVAL-09: a difference that chance makes in one of twenty is none", () => {
  const right = (n: number) => judged(n, "attack", "high");
  const wrong = (n: number) => judged(n, "attack");
  const range = (count: number) => Array.from({ length: count }, (_, n) => n);
  expect(compareReports(range(5).map(right), range(5).map(wrong))).toMatchObject({
    onlyNow: 5,
    verdict: "none",
  });
  expect(compareReports(range(6).map(right), range(6).map(wrong))).toMatchObject({ onlyNow: 6, verdict: "better" });
  expect(compareReports(range(6).map(wrong), range(6).map(right))).toMatchObject({ onlyBefore: 6, verdict: "worse" });
});
