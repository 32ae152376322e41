import type { EvaluationCase, Truth } from "./Case.ts";

/** Cases of which no two are of the same transaction and truth, and how many fell away. */
export interface Merged {
  readonly cases: readonly EvaluationCase[];
  readonly duplicates: number;
}

const rankOf: { readonly [truth in Truth]: number } = { attack: 0, weak: 1, benign: 2 };

/**
 * Merges sets by transaction hash before anything is counted (EVAL-03): public collections share most of their attacks. Of
 * one transaction, an attack counts before ordinary traffic, what was judged before what was not, and more scopes before less.
 */
export function mergeCases(cases: readonly EvaluationCase[]): Merged {
  const best = new Map<string, EvaluationCase>();
  for (const one of cases) {
    // The view of a bystander is another question about the same transaction.
    const key = one.truth === "weak" ? `${one.tx} ${one.source}` : one.tx;
    const known = best.get(key);
    if (known === undefined || isBetter(one, known)) best.set(key, one);
  }
  return { cases: [...best.values()], duplicates: cases.length - best.size };
}

function isBetter(one: EvaluationCase, other: EvaluationCase): boolean {
  if (one.truth !== other.truth) return rankOf[one.truth] < rankOf[other.truth];
  if (one.kind !== other.kind) return one.kind === "judged";
  return one.kind === "judged" && other.kind === "judged" && one.has.length > other.has.length;
}
