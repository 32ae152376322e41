import type { Schedule } from "./Schedule.ts";
import type { TwapSource } from "./TwapSource.ts";
import type { Unbounded } from "./walkPool.ts";

/** What a plan's price of attack rests on. */
export type Assumption = "arbitrage every block" | "no arbitrage";

/** One way to bend a source's mean to a target, and what it costs. Amounts in quote. */
export interface AttackPlan {
  readonly source: TwapSource;
  readonly direction: "up" | "down";
  /** The wanted mean. */
  readonly target: number;
  readonly schedule: Schedule;
  /** Intervals of the window in which spot is bent. */
  readonly manipulated: number;
  /** Spot in these. */
  readonly spot: number;
  readonly cost: number;
  readonly costPerPush: number;
  readonly costPerRun: number;
  /** What has to be at hand for one push. */
  readonly capital: number;
  readonly assumes: Assumption;
  /** Where spot left the pool's liquidity: the cost no longer grows with what is wanted. */
  readonly unbounded?: Unbounded;
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
