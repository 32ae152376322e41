import type { Mean } from "./spotForMean.ts";

/** An average that is fed by truncated prices: each block's record moves at most `maxLogMove` towards spot. */
export interface TruncatedMean {
  readonly mean: Mean;
  readonly price: number;
  /** Natural logarithm; Uniswap Labs' hook takes 9,116 ticks, 0.9116. */
  readonly maxLogMove: number;
}

// Halving an exponent of a few hundred this often leaves less than its last digit.
const halvings = 60;

/** The mean over a window that begins with a record at the fair price, with spot at `spot` wherever `pattern` says so. */
export function recordedMean(rule: TruncatedMean, pattern: readonly boolean[], spot: number): number {
  const { mean, price, maxLogMove } = rule;
  const bent = Math.log(spot / price);
  let record = 0;
  let sum = 0;
  for (const isBent of pattern) {
    const move = (isBent ? bent : 0) - record;
    record += Math.sign(move) * Math.min(Math.abs(move), maxLogMove);
    sum += mean === "geometric" ? record : Math.expm1(record);
  }
  const excess = sum / pattern.length;
  return mean === "geometric" ? price * Math.exp(excess) : price * (1 + excess);
}

/**
 * The spot price nearest to the fair one with which the truncated mean reaches `target`; undefined where the records
 * cannot follow that far.
 */
export function spotForRecordedMean(
  rule: TruncatedMean,
  pattern: readonly boolean[],
  target: number,
): number | undefined {
  const side = Math.sign(target - rule.price);
  const reaches = (logMove: number) =>
    side * (recordedMean(rule, pattern, rule.price * Math.exp(side * logMove)) - target) >= 0;
  // More than the truncation lets through in all bent intervals adds nothing.
  let high = rule.maxLogMove * pattern.filter(Boolean).length;
  if (!reaches(high)) return undefined;
  let low = 0;
  for (let i = 0; i < halvings; i += 1) {
    const middle = (low + high) / 2;
    if (reaches(middle)) high = middle;
    else low = middle;
  }
  return rule.price * Math.exp(side * high);
}
