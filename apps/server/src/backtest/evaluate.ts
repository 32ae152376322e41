import { openGate } from "@testudo/core/governance/gate";
import { binomialInterval, type Interval, rateNotExcluded } from "@testudo/core/math/binomialInterval";
import type { DetectorMeta } from "@testudo/core/model/Detector";
import { type Finding, isAtLeast } from "@testudo/core/model/Finding";
import { canJudge, type EvaluationCase, type JudgedCase } from "./Case.ts";

/** A confusion matrix. `na` counts what could not be judged, by what it is. */
export interface Matrix {
  readonly tp: number;
  readonly fn: number;
  readonly fp: number;
  readonly tn: number;
  readonly na: { readonly attack: number; readonly benign: number };
}

/** A share with its interval; null where nothing was counted. */
export interface Rate extends Interval {
  readonly value: number | null;
}

/** Base rates of attacks among transactions at which precision is told (EVAL-02). */
export const baseRates = [1e-3, 1e-5, 1e-6] as const;
/** Transactions a day for which false alerts are told. */
export const dailyLoads = [1_000, 10_000] as const;

/** What is told of one detector, of all together, or of a class of attacks. */
export interface Row {
  readonly name: string;
  readonly kind: "detector" | "union" | "paging" | "gate" | "mechanism" | "period" | "weak";
  readonly matrix: Matrix;
  readonly recall: Rate;
  readonly precision: Rate;
  readonly falsePositiveRate: Rate;
  /** What was judged, of all. */
  readonly coverage: Rate;
  /** Recall that counts what could not be judged as missed. */
  readonly recallAll: Rate;
  /** PPV = TPR·π / (TPR·π + FPR·(1-π)), and the least that the intervals leave. */
  readonly predictive: readonly {
    readonly baseRate: number;
    readonly value: number | null;
    readonly atLeast: number | null;
  }[];
  readonly falseAlertsPerDay: readonly {
    readonly transactions: number;
    readonly value: number | null;
    readonly atMost: number | null;
  }[];
}

type Verdict = "fired" | "silent" | "na";
type Judge = (one: EvaluationCase) => Verdict;

/** Since when incidents are held out: later ones run in every test and move no threshold (EVAL-04). */
export const heldOutFrom = Date.UTC(2024, 0, 1) / 1_000;

/** All rows over `cases`: of each detector, the union, paging level, the gate, each mechanism and both sides of the split. */
export function evaluate(cases: readonly EvaluationCase[], detectors: readonly DetectorMeta[]): Row[] {
  const strong = cases.filter((one) => one.truth !== "weak");
  const weak = cases.filter((one) => one.truth === "weak");
  const isDated = (one: EvaluationCase) => one.kind === "judged" && one.truth === "attack" && one.at !== undefined;
  const dated = strong.filter(isDated) as JudgedCase[];
  const before = dated.filter((one) => one.at! < heldOutFrom);
  const after = dated.filter((one) => one.at! >= heldOutFrom);
  return [
    rowOf("union", "union", strong, isDetected),
    rowOf("paging", "paging", strong, isPaged),
    rowOf("gate", "gate", strong, opensGate),
    ...detectors.map((meta) => rowOf(meta.id, "detector", strong, firedBy(meta))),
    ...mechanismsOf(strong).map(([name, list]) => rowOf(`attacks by ${name}`, "mechanism", list, isDetected)),
    ...(before.length === 0 ? [] : [rowOf("attacks before 2024", "period", before, isDetected)]),
    ...(after.length === 0 ? [] : [rowOf("attacks since 2024 (held out)", "period", after, isDetected)]),
    ...(weak.length === 0 ? [] : [rowOf("seen by bystanders (inferred)", "weak", asBenign(weak), isDetected)]),
  ];
}

/** High or critical: what counts as told. */
export const isDetected: Judge = (one) =>
  judgedBy(one, ({ findings }) => findings.some((f) => isAtLeast(f.severity, "high")));

/** Critical: what wakes somebody. */
export const isPaged: Judge = (one) => judgedBy(one, ({ findings }) => findings.some((f) => f.severity === "critical"));

const opensGate: Judge = (one) =>
  judgedBy(one, ({ findings }) => openGate(findings as unknown as Finding[], "high") !== undefined);

function firedBy(meta: DetectorMeta): Judge {
  return (one) => {
    if (one.kind === "skipped" || !canJudge(meta, one)) return "na";
    const own = one.findings.filter((f) => f.detector === meta.id);
    return own.some((f) => isAtLeast(f.severity, "high")) ? "fired" : "silent";
  };
}

function judgedBy(one: EvaluationCase, fires: (judged: JudgedCase) => boolean): Verdict {
  if (one.kind === "skipped") return "na";
  return fires(one) ? "fired" : "silent";
}

function mechanismsOf(cases: readonly EvaluationCase[]): [string, EvaluationCase[]][] {
  const found = new Map<string, EvaluationCase[]>();
  for (const one of cases)
    if (one.kind === "judged" && one.mechanism !== undefined)
      found.set(one.mechanism, [...(found.get(one.mechanism) ?? []), one]);
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1));
}

function asBenign(cases: readonly EvaluationCase[]): EvaluationCase[] {
  return cases.map((one) => ({ ...one, truth: "benign" }));
}

/** The matrix of `cases` under `judge`. */
export function matrixOf(cases: readonly EvaluationCase[], judge: Judge): Matrix {
  const counts = { tp: 0, fn: 0, fp: 0, tn: 0, na: { attack: 0, benign: 0 } };
  for (const one of cases) {
    const isAttack = one.truth === "attack";
    const verdict = judge(one);
    if (verdict === "na") counts.na[isAttack ? "attack" : "benign"]++;
    else if (isAttack) counts[verdict === "fired" ? "tp" : "fn"]++;
    else counts[verdict === "fired" ? "fp" : "tn"]++;
  }
  return counts;
}

function rowOf(name: string, kind: Row["kind"], cases: readonly EvaluationCase[], judge: Judge): Row {
  const matrix = matrixOf(cases, judge);
  const { tp, fn, fp, tn, na } = matrix;
  const recall = rateOf(tp, tp + fn);
  const falsePositiveRate = rateOf(fp, fp + tn);
  const judged = tp + fn + fp + tn;
  // Without ordinary traffic nothing can be said about false alarms, and precision would be 1 whatever was judged.
  const hasBenign = fp + tn > 0;
  // One-sided, as a promise of "at most" is.
  const fprAtMost = hasBenign ? rateNotExcluded(fp, fp + tn) : null;
  return {
    name,
    kind,
    matrix,
    recall,
    precision: hasBenign ? rateOf(tp, tp + fp) : rateOf(0, 0),
    falsePositiveRate,
    coverage: rateOf(judged, judged + na.attack + na.benign),
    recallAll: rateOf(tp, tp + fn + na.attack),
    predictive: baseRates.map((baseRate) => ({
      baseRate,
      value: predictiveValue(recall.value, falsePositiveRate.value, baseRate),
      atLeast: recall.value === null ? null : predictiveValue(recall.low, fprAtMost, baseRate),
    })),
    falseAlertsPerDay: dailyLoads.map((transactions) => ({
      transactions,
      value: falsePositiveRate.value === null ? null : falsePositiveRate.value * transactions,
      atMost: fprAtMost === null ? null : fprAtMost * transactions,
    })),
  };
}

/** `hits` of `trials` with the interval of Clopper and Pearson. */
export function rateOf(hits: number, trials: number): Rate {
  return { value: trials === 0 ? null : hits / trials, ...binomialInterval(hits, trials) };
}

/** The share of alerts that are true where one in 1/`baseRate` transactions is an attack. Null where it is not defined. */
export function predictiveValue(tpr: number | null, fpr: number | null, baseRate: number): number | null {
  if (tpr === null || fpr === null) return null;
  const alerts = tpr * baseRate + fpr * (1 - baseRate);
  return alerts === 0 ? null : (tpr * baseRate) / alerts;
}
