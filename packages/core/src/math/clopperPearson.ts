import { betaIncomplete } from "./betaIncomplete.ts";

/** Bounds of a rate, both within 0 to 1. */
export interface RateBounds {
  readonly low: number;
  readonly high: number;
}

/**
 * The exact interval of a rate of which `hits` of `trials` were seen (Clopper and Pearson 1934): at least `confidence`, whatever
 * the rate. Without trials nothing is known: 0 to 1.
 */
export function clopperPearson(hits: number, trials: number, confidence = 0.95): RateBounds {
  if (trials === 0) return { low: 0, high: 1 };
  const tail = (1 - confidence) / 2;
  return {
    low: hits === 0 ? 0 : solve((p) => betaIncomplete(p, hits, trials - hits + 1), tail),
    high: hits === trials ? 1 : solve((p) => betaIncomplete(p, hits + 1, trials - hits), 1 - tail),
  };
}

/** Where the rising function `of` reaches `level` between 0 and 1. */
function solve(of: (p: number) => number, level: number): number {
  let [low, high] = [0, 1];
  for (let i = 0; i < 200 && high - low > 1e-16 * high; i += 1) {
    const middle = (low + high) / 2;
    if (of(middle) < level) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
