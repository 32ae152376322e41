import type { SchedulePrice } from "./priceSchedule.ts";
import type { Schedule } from "./Schedule.ts";
import type { Spots } from "./Spots.ts";
import type { TwapSource } from "./TwapSource.ts";

/** What a plan's price of attack rests on. */
export type Assumption = "arbitrage every block" | "no arbitrage";

/**
 * One way to bend a source's mean to a target, and what it costs. Amounts in quote. Where it is `unbounded` the cost no longer
 * grows with what is wanted.
 */
export interface AttackPlan extends SchedulePrice {
  readonly source: TwapSource;
  readonly direction: "up" | "down";
  /** The wanted mean. */
  readonly target: number;
  readonly schedule: Schedule;
  /** Intervals of the window in which spot is bent. */
  readonly manipulated: number;
  /** Spot in these. */
  readonly spots: Spots;
  readonly assumes: Assumption;
}

/** How likely the slots of a plan are, from the attacker's share of the stake alone. */
export interface PlanChance {
  /** s^k: that the next k slots are his. */
  readonly perStart: number;
  /** 7,200 s^k. */
  readonly startsPerDay: number;
  /** That one window holds all runs of the plan. */
  readonly perWindow: number;
}
