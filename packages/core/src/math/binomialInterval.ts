import { betaQuantile } from "./incompleteBeta.ts";

/** A rate between two bounds, 0..1. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/**
 * The interval of Clopper and Pearson (1934) for the rate behind `hits` in `trials`: each side excludes rates under which so few,
 * or so many, hits would come with less than half of 1 - `level`. Without trials it is everything.
 */
export function binomialInterval(hits: number, trials: number, level = 0.95): Interval {
  const tail = (1 - level) / 2;
  return { low: rateBelow(hits, trials, tail), high: rateAbove(hits, trials, tail) };
}

/**
 * The rate that `hits` in `trials` do not exclude, one-sided: with no hit in 1,000 still 0.3 % (CAL-06). `doubt` is the
 * probability of so few hits at that rate.
 */
export function rateNotExcluded(hits: number, trials: number, doubt = 0.05): number {
  return rateAbove(hits, trials, doubt);
}

function rateBelow(hits: number, trials: number, tail: number): number {
  return hits === 0 || trials === 0 ? 0 : betaQuantile(tail, hits, trials - hits + 1);
}

function rateAbove(hits: number, trials: number, tail: number): number {
  if (hits >= trials) return 1;
  // The mirror image keeps the digits of a rate near nought.
  return hits === 0 ? -Math.expm1(Math.log(tail) / trials) : betaQuantile(1 - tail, hits + 1, trials - hits);
}
