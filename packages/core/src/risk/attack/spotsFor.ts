import { spotForRecordedMean } from "./recordedMean.ts";
import { manipulatedIn, type Schedule, stretchesOf } from "./Schedule.ts";
import type { Spots } from "./Spots.ts";
import { spotForMean } from "./spotForMean.ts";
import type { TwapSource } from "./TwapSource.ts";

/**
 * One spot for all bent intervals that gives the mean `target`; undefined where the pool cannot have one, or a truncation
 * does not let it through.
 */
export function evenSpots(source: TwapSource, schedule: Schedule, target: number): Spots | undefined {
  const { mean, pool, blocks, maxLogMove } = source;
  const { price } = pool;
  const spot =
    maxLogMove === undefined
      ? spotForMean(mean, { price, target, blocks, manipulated: manipulatedIn(schedule) })
      : spotForRecordedMean({ mean, price, maxLogMove }, stretchesOf(schedule, blocks), target);
  return spot !== undefined && isPossible(source, spot) ? { push: spot, run: spot } : undefined;
}

/**
 * Spots of which the runs' grows with `part`, 0 to 1, and the pushes' falls: without truncation that is the part of the way to
 * `target` that the runs bring the mean; with one, pushes go 2 (1 - part) times as far as `even`, which has one spot for all.
 */
export function splitSpots(
  source: TwapSource,
  schedule: Schedule,
  target: number,
  part: number,
  even = evenSpots(source, schedule, target),
): Spots | undefined {
  const spots =
    source.maxLogMove === undefined
      ? splitMean(source, schedule, target, part)
      : splitRecords(source, schedule, target, part, source.maxLogMove, even);
  return spots !== undefined && isPossible(source, spots.push) && isPossible(source, spots.run) ? spots : undefined;
}

function splitMean(
  { mean, pool: { price }, blocks }: TwapSource,
  schedule: Schedule,
  target: number,
  part: number,
): Spots {
  const partOf = (share: number) =>
    mean === "geometric" ? price * (target / price) ** share : price + share * (target - price);
  const run = { price, target: partOf(part), blocks, manipulated: schedule.runs * schedule.held };
  const push = { price, target: partOf(1 - part), blocks, manipulated: schedule.pushes };
  return { push: spotForMean(mean, push), run: spotForMean(mean, run) };
}

function splitRecords(
  { mean, pool: { price }, blocks }: TwapSource,
  schedule: Schedule,
  target: number,
  part: number,
  maxLogMove: number,
  even: Spots | undefined,
): Spots | undefined {
  if (even === undefined) return undefined;
  const push = price * (even.push / price) ** (2 * (1 - part));
  const run = spotForRecordedMean({ mean, price, maxLogMove }, stretchesOf(schedule, blocks), target, push);
  return run === undefined ? undefined : { push, run };
}

function isPossible({ pool: { limits } }: TwapSource, spot: number): boolean {
  return spot >= limits[0] && spot <= limits[1];
}
