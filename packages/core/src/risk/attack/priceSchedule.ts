import type { Schedule } from "./Schedule.ts";
import type { Spots } from "./Spots.ts";
import type { TwapSource } from "./TwapSource.ts";
import { capitalFor, pushCost, roundTripCost, type Unbounded, walkPool } from "./walkPool.ts";

/** What a schedule costs with given spots, in quote. */
export interface SchedulePrice {
  readonly cost: number;
  readonly costPerPush: number;
  readonly costPerRun: number;
  /** What has to be at hand for the larger push. */
  readonly capital: number;
  readonly unbounded?: Unbounded;
}

/** The cost of a schedule in which spot goes to `spots`. */
export function priceSchedule({ pool }: TwapSource, schedule: Schedule, spots: Spots): SchedulePrice {
  const push = walkPool(pool, spots.push);
  const run = spots.run === spots.push ? push : walkPool(pool, spots.run);
  const costPerPush = pushCost(pool, push);
  const costPerRun = schedule.ending === "unwind" ? roundTripCost(pool, run) : pushCost(pool, run);
  const unbounded = run.unbounded ?? push.unbounded;
  return {
    cost: schedule.pushes * costPerPush + schedule.runs * costPerRun,
    costPerPush,
    costPerRun,
    capital: Math.max(capitalFor(pool, push), capitalFor(pool, run)),
    ...(unbounded && { unbounded }),
  };
}
