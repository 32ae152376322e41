// StewardMath.sol in bigint, bit for bit: change both together, and run scripts/vectors/riskSteward.mjs.
import { ceilDiv } from "../math/ceilDiv.ts";

/** How far a steward may move a parameter at a time: `maxStepBps` of the present value, or of `ceil`. */
export type StepBounds = {
  readonly maxStepBps: bigint;
  readonly relative: boolean;
  readonly floor: bigint;
  readonly ceil: bigint;
};

const bps = 10_000n;
const endless = (1n << 256n) - 1n;

/** The distance of `a` and `b` in 1/10,000 of the smaller one (relative) or of `ceil`, rounded up; 2^256 - 1 from zero. */
export function stepBpsUp(a: bigint, b: bigint, { relative, ceil }: Pick<StepBounds, "relative" | "ceil">): bigint {
  const [low, high] = a < b ? [a, b] : [b, a];
  if (low === high) return 0n;
  const base = relative ? low : ceil;
  return base === 0n ? endless : ceilDiv((high - low) * bps, base);
}

/** The furthest value one allowed step up from `value`. */
export function highestStep(value: bigint, { maxStepBps, relative, ceil }: StepBounds): bigint {
  const next = value + ((relative ? value : ceil) * maxStepBps) / bps;
  return next < ceil ? next : ceil;
}

/** The furthest value one allowed step down from `value`: the least from which `value` is one step up. */
export function lowestStep(value: bigint, { maxStepBps, relative, floor, ceil }: StepBounds): bigint {
  const next = relative ? ceilDiv(value * bps, bps + maxStepBps) : value - (ceil * maxStepBps) / bps;
  return next > floor ? next : floor;
}

/** The furthest value after `count` steps up or down; the end of the range for more than 256, as on chain. */
export function loosestAfter(value: bigint, up: boolean, count: bigint, bounds: StepBounds): bigint {
  if (count > 256n) return up ? bounds.ceil : bounds.floor;
  let furthest = value;
  for (let i = 0n; i < count; i++) furthest = up ? highestStep(furthest, bounds) : lowestStep(furthest, bounds);
  return furthest;
}
