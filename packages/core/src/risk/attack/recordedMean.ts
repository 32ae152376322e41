import type { Stretch } from "./Schedule.ts";
import type { Spots } from "./Spots.ts";
import type { Mean } from "./spotForMean.ts";

/** An average that is fed by truncated prices: each block's record moves at most `maxLogMove` towards spot. */
export interface TruncatedMean {
  readonly mean: Mean;
  readonly price: number;
  /** Natural logarithm; Uniswap Labs' hook takes 9,116 ticks, 0.9115. */
  readonly maxLogMove: number;
}

// A factor of 10^304, which no pool's price can rise or fall by.
const mostLogMove = 700;
const mostSteps = 200;
const precision = 1e-14;

/** The mean over a window that begins with a record at the fair price. */
export function recordedMean(rule: TruncatedMean, stretches: readonly Stretch[], spots: Spots): number {
  const logOf = (spot: number) => Math.log(spot / rule.price);
  return rule.price * Math.exp(logOfMean(rule, stretches, logOf(spots.push), logOf(spots.run)));
}

/**
 * The spot price nearest to the fair one with which the truncated mean reaches `target`, to 1e-14 of it: in all bent
 * stretches, or in runs alone where that of pushes is given. Undefined where the records cannot follow that far, or the
 * pushes lead beyond the target by themselves.
 */
export function spotForRecordedMean(
  rule: TruncatedMean,
  stretches: readonly Stretch[],
  target: number,
  pushSpot?: number,
): number | undefined {
  const wanted = Math.log(target / rule.price);
  const side = Math.sign(wanted);
  const pushed = pushSpot === undefined ? undefined : Math.log(pushSpot / rule.price);
  const missing = (logMove: number) =>
    side * (logOfMean(rule, stretches, pushed ?? side * logMove, side * logMove) - wanted);
  // More than the truncation lets through in all blocks adds nothing.
  const most = Math.min(rule.maxLogMove * stretches.reduce((sum, { blocks }) => sum + blocks, 0), mostLogMove);
  if (missing(most) < 0 || missing(0) > 0) return undefined;
  return rule.price * Math.exp(side * risingRoot(missing, most));
}

/** ln(mean / fair price), with spot so far from the fair price, in logarithms, in pushes and in runs. */
function logOfMean(
  { mean, maxLogMove }: TruncatedMean,
  stretches: readonly Stretch[],
  push: number,
  run: number,
): number {
  let record = 0;
  let sum = 0;
  let blocks = 0;
  for (const stretch of stretches) {
    const target = stretch.spot === "fair" ? 0 : stretch.spot === "push" ? push : run;
    const step = Math.sign(target - record) * maxLogMove;
    const moving = Math.min(stretch.blocks, Math.floor(Math.abs(target - record) / maxLogMove));
    const resting = stretch.blocks - moving;
    if (moving > 0) sum += sumOfSteps(mean, record, step, moving);
    sum += resting * (mean === "geometric" ? target : Math.exp(target));
    record = resting > 0 ? target : record + moving * step;
    blocks += stretch.blocks;
  }
  return mean === "geometric" ? sum / blocks : Math.log(sum / blocks);
}

/** Of the records r + step, …, r + n step: their sum, or that of their exponentials. */
function sumOfSteps(mean: Mean, record: number, step: number, count: number): number {
  return mean === "geometric"
    ? count * record + (step * count * (count + 1)) / 2
    : (Math.exp(record + step) * Math.expm1(step * count)) / Math.expm1(step);
}

// Regula falsi with Illinois' halving: few steps on what is nearly linear, and never out of its bracket.
function risingRoot(rising: (x: number) => number, most: number): number {
  let [low, high] = [0, most];
  let [below, above] = [rising(low), rising(high)];
  for (let i = 0; i < mostSteps && high - low > precision * high; i += 1) {
    const secant = high - (above * (high - low)) / (above - below);
    const x = i % 8 < 7 && secant > low && secant < high ? secant : (low + high) / 2;
    const value = rising(x);
    if (Math.abs(value) <= precision) return x;
    if (value > 0) {
      [high, above] = [x, value];
      below /= 2;
    } else {
      [low, below] = [x, value];
      above /= 2;
    }
  }
  return high;
}
