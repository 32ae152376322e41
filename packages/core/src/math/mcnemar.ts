import { lnGamma } from "./incompleteBeta.ts";

/**
 * The two-sided p-value of McNemar's exact test: two systems on the same cases, of which one alone was right in `onlyA` and
 * the other alone in `onlyB`. Where they are equally good, each such case falls to either with probability one half.
 */
export function mcnemarExact(onlyA: number, onlyB: number): number {
  const trials = onlyA + onlyB;
  const fewer = Math.min(onlyA, onlyB);
  let tail = 0;
  for (let k = 0; k <= fewer; k++)
    tail += Math.exp(lnGamma(trials + 1) - lnGamma(k + 1) - lnGamma(trials - k + 1) - trials * Math.LN2);
  return Math.min(1, 2 * tail);
}
