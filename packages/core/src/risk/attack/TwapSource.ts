import { assertCount, assertWithin } from "./AttackInputError.ts";
import type { Pool } from "./Pool.ts";
import { spotForRecordedMean } from "./recordedMean.ts";
import { manipulatedIn, type Schedule, stretchesOf } from "./Schedule.ts";
import { type Mean, spotForMean } from "./spotForMean.ts";

/** A price that is the average of a pool's spot prices at the ends of the last `blocks` blocks. */
export interface TwapSource {
  readonly kind: "twap";
  readonly id: string;
  readonly pool: Pool;
  readonly blocks: number;
  readonly mean: Mean;
  /** Where records are truncated: how far one may move in a block, natural logarithm. */
  readonly maxLogMove?: number;
}

/** Throws AttackInputError for a window or truncation out of range. */
export function assertTwapSource({ blocks, maxLogMove }: TwapSource): void {
  assertCount("blocks", blocks, 1, 100_000);
  if (maxLogMove !== undefined) assertWithin("maxLogMove", maxLogMove, Number.MIN_VALUE, 1_000);
}

/** Spot in the bent intervals that gives the mean `target`; undefined where the pool cannot have one. */
export function spotFor(source: TwapSource, schedule: Schedule, target: number): number | undefined {
  const { mean, pool, blocks, maxLogMove } = source;
  const { price } = pool;
  const spot =
    maxLogMove === undefined
      ? spotForMean(mean, { price, target, blocks, manipulated: manipulatedIn(schedule) })
      : spotForRecordedMean({ mean, price, maxLogMove }, stretchesOf(schedule, blocks), target);
  return spot !== undefined && spot >= pool.limits[0] && spot <= pool.limits[1] ? spot : undefined;
}
