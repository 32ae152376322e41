import { mcnemarExact } from "@testudo/core/math/mcnemar";
import { countOf } from "@testudo/core/model/countOf";
import type { EvaluationCase } from "./Case.ts";
import { isDetected } from "./evaluate.ts";
import { mergeCases } from "./mergeCases.ts";

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
  /** What a label calls them, by transaction; absent where no label does. */
  readonly names?: { readonly [tx: string]: string };
  /** With what it was compared, where that is no earlier back-test. */
  readonly other?: string;
}

const significant = 0.05;

/**
 * Compares what is told (high or critical) with what was told before, on the same cases (EVAL-09). A difference that chance
 * makes in one of twenty is none; a lost attack and a new false alarm are named all the same (EVAL-08).
 */
export function compareReports(now: readonly EvaluationCase[], before: readonly EvaluationCase[]): Comparison {
  const known = new Map(mergeCases(before).cases.map((one) => [keyOf(one), one]));
  let onlyNow = 0;
  let onlyBefore = 0;
  let cases = 0;
  const lost: string[] = [];
  const newFalse: string[] = [];
  const names: { [tx: string]: string } = {};
  for (const one of mergeCases(now).cases) {
    const other = known.get(keyOf(one));
    if (other === undefined || isDetected(one) === "na" || isDetected(other) === "na") continue;
    cases++;
    // A label that was corrected meanwhile changes what is right, for both.
    const [right, wasRight] = [isRight(one, one), isRight(other, one)];
    if (right && !wasRight) onlyNow++;
    if (!right && wasRight) {
      onlyBefore++;
      (one.truth === "attack" ? lost : newFalse).push(one.tx);
      if (one.kind === "judged" && one.name !== undefined) names[one.tx] = one.name;
    }
  }
  const p = mcnemarExact(onlyNow, onlyBefore);
  const verdict = p > significant ? "none" : onlyNow > onlyBefore ? "better" : "worse";
  return {
    cases,
    onlyNow,
    onlyBefore,
    p,
    verdict,
    lost,
    newFalse,
    ...(Object.keys(names).length > 0 ? { names } : {}),
  };
}

/** What got worse, where an attack of those that both judged is no longer told or a false alarm is new (EVAL-08). */
export function worseThan({ cases, lost, newFalse }: Comparison): string | undefined {
  const said = [
    ...(lost.length === 0 ? [] : [countOf(lost.length, "attack is lost", "attacks are lost")]),
    ...(newFalse.length === 0 ? [] : [countOf(newFalse.length, "false alarm is new", "false alarms are new")]),
  ];
  if (said.length === 0) return undefined;
  return `Worse than the baseline, of ${countOf(cases, "case")} that both judged: ${said.join(", ")}.`;
}

function isRight(one: EvaluationCase, { truth }: EvaluationCase): boolean {
  return (isDetected(one) === "fired") === (truth === "attack");
}

function keyOf({ tx, truth, source }: EvaluationCase): string {
  return truth === "weak" ? `${tx} ${source}` : tx;
}
