import { mcnemarExact } from "@testudo/core/math/mcnemar";
import type { EvaluationCase } from "./Case.ts";
import { isDetected, type Matrix, matrixOf } from "./evaluate.ts";

/** Two back-tests on the cases that both judged. */
export interface Comparison {
  readonly cases: number;
  /** Cases that only one of them got right. */
  readonly onlyNow: number;
  readonly onlyBefore: number;
  /** Two-sided, by McNemar's exact test. */
  readonly p: number;
  readonly verdict: "better" | "worse" | "none";
  /** Attacks that were told before and are not now, and false alarms that were not before. */
  readonly lost: readonly string[];
  readonly newFalse: readonly string[];
  /** With what it was compared, where that is no earlier back-test. */
  readonly other?: string;
}

const significant = 0.05;

/**
 * Compares what is told (high or critical) with what was told before, on the same cases (EVAL-09). A difference that chance
 * makes in one of twenty is none; a lost attack and a new false alarm are named all the same (EVAL-08).
 */
export function compareReports(now: readonly EvaluationCase[], before: readonly EvaluationCase[]): Comparison {
  const known = new Map(before.map((one) => [keyOf(one), one]));
  let onlyNow = 0;
  let onlyBefore = 0;
  let cases = 0;
  const lost: string[] = [];
  const newFalse: string[] = [];
  for (const one of now) {
    const other = known.get(keyOf(one));
    if (other === undefined || isDetected(one) === "na" || isDetected(other) === "na") continue;
    cases++;
    const [right, wasRight] = [isRight(one), isRight(other)];
    if (right && !wasRight) onlyNow++;
    if (!right && wasRight) {
      onlyBefore++;
      (one.truth === "attack" ? lost : newFalse).push(one.tx);
    }
  }
  const p = mcnemarExact(onlyNow, onlyBefore);
  const verdict = p > significant ? "none" : onlyNow > onlyBefore ? "better" : "worse";
  return { cases, onlyNow, onlyBefore, p, verdict, lost, newFalse };
}

/** What got worse, where recall of the union fell by a case or its false alarms rose by one (EVAL-08). */
export function worseThan(now: readonly EvaluationCase[], before: readonly EvaluationCase[]): string | undefined {
  const [a, b] = [matrixOf(now, isDetected), matrixOf(before, isDetected)];
  if (a.tp >= b.tp && a.fp <= b.fp) return undefined;
  const of = ({ tp, fn }: Matrix) => `${tp} of ${tp + fn} attacks`;
  return `Worse than the baseline: ${of(a)} are told, ${of(b)} were; ${a.fp} false alarms, ${b.fp} before.`;
}

function isRight(one: EvaluationCase): boolean {
  return (isDetected(one) === "fired") === (one.truth === "attack");
}

function keyOf({ tx, truth, source }: EvaluationCase): string {
  return truth === "weak" ? `${tx} ${source}` : tx;
}
