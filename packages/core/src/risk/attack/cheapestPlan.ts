import { type Attacker, assertAttacker } from "./Attacker.ts";
import { AttackInputError } from "./AttackInputError.ts";
import type { AttackPlan, PlanChance } from "./AttackPlan.ts";
import { chanceOfStart, chancesOfRuns, startsPerDay } from "./ownedSlots.ts";
import { manipulatedIn, type Schedule } from "./Schedule.ts";
import { schedulesFor } from "./schedulesFor.ts";
import { assertTwapSource, spotFor, type TwapSource } from "./TwapSource.ts";
import { capitalFor, pushCost, roundTripCost, walkPool } from "./walkPool.ts";

/**
 * The cheapest way that was found to bend the source's mean to `target`, up or down: over 1 to all blocks of the window,
 * each number of owned slots and both endings (RISK-61). All bent intervals of a plan have the same spot. Undefined where
 * no plan reaches the target with the attacker's means. Equal costs go to fewer slots, then to fewer intervals.
 */
export function cheapestPlan(
  source: TwapSource,
  attacker: Attacker,
  target: number,
  schedules = schedulesFor(attacker, source.blocks),
): AttackPlan | undefined {
  return plansFor(source, attacker, target, schedules).reduce<AttackPlan | undefined>(
    (best, plan) => (best === undefined || isCheaper(plan, best) ? plan : best),
    undefined,
  );
}

/** The cheapest plan for each number of owned slots a run that has any, from none on. */
export function plansBySlots(source: TwapSource, attacker: Attacker, target: number): readonly AttackPlan[] {
  const schedules = schedulesFor(attacker, source.blocks);
  const best = new Map<number, AttackPlan>();
  for (const plan of plansFor(source, attacker, target, schedules)) {
    const known = best.get(plan.schedule.slotsPerRun);
    if (known === undefined || isCheaper(plan, known)) best.set(plan.schedule.slotsPerRun, plan);
  }
  return [...best.values()];
}

function plansFor(
  source: TwapSource,
  attacker: Attacker,
  target: number,
  schedules: readonly Schedule[],
): readonly AttackPlan[] {
  assertTwapSource(source);
  assertAttacker(attacker);
  if (!(target > 0 && target < Number.POSITIVE_INFINITY) || target === source.pool.price)
    throw new AttackInputError("target", target, `It has to be a price other than the fair one, ${source.pool.price}.`);
  return schedules.flatMap((schedule) => planOf(source, attacker, target, schedule));
}

function planOf(source: TwapSource, attacker: Attacker, target: number, schedule: Schedule): readonly AttackPlan[] {
  const spot = spotFor(source, schedule, target);
  if (spot === undefined) return [];
  const walk = walkPool(source.pool, spot);
  const capital = capitalFor(source.pool, walk);
  if (capital > (attacker.maxCapital ?? Number.POSITIVE_INFINITY)) return [];
  const costPerPush = pushCost(source.pool, walk);
  const costPerRun = schedule.ending === "unwind" ? roundTripCost(source.pool, walk) : costPerPush;
  const plan: AttackPlan = {
    source,
    direction: walk.direction,
    target,
    schedule: Object.freeze(schedule),
    manipulated: manipulatedIn(schedule),
    spot,
    cost: schedule.pushes * costPerPush + schedule.runs * costPerRun,
    costPerPush,
    costPerRun,
    capital,
    assumes: attacker.arbitrageEveryBlock ? "arbitrage every block" : "no arbitrage",
    ...(walk.unbounded && { unbounded: walk.unbounded }),
  };
  return [Object.freeze(plan)];
}

function isCheaper(a: AttackPlan, b: AttackPlan): boolean {
  if (a.cost !== b.cost) return a.cost < b.cost;
  const [slotsA, slotsB] = [slotsOf(a), slotsOf(b)];
  return slotsA === slotsB ? a.manipulated < b.manipulated : slotsA < slotsB;
}

function slotsOf({ schedule }: AttackPlan): number {
  return schedule.runs * schedule.slotsPerRun;
}

/** How likely the slots are that a plan needs; undefined where it needs none. */
export function chanceOfPlan({ schedule, source }: AttackPlan, share: number): PlanChance | undefined {
  const { slotsPerRun, runs } = schedule;
  if (slotsPerRun === 0) return undefined;
  return Object.freeze({
    perStart: chanceOfStart(share, slotsPerRun),
    startsPerDay: startsPerDay(share, slotsPerRun),
    perWindow: chancesOfRuns(share, slotsPerRun, source.blocks + 1)[runs]!,
  });
}
