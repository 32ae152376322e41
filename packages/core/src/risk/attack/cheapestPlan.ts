import { type Attacker, assertAttacker } from "./Attacker.ts";
import { AttackInputError } from "./AttackInputError.ts";
import type { AttackPlan, PlanChance } from "./AttackPlan.ts";
import { leastPart } from "./leastPart.ts";
import { chanceOfStart, chancesOfRuns, startsPerDay } from "./ownedSlots.ts";
import { priceSchedule } from "./priceSchedule.ts";
import { isWithin, manipulatedIn, type Schedule } from "./Schedule.ts";
import type { Spots } from "./Spots.ts";
import { schedulesFor } from "./schedulesFor.ts";
import { evenSpots, splitSpots } from "./spotsFor.ts";
import { assertTwapSource, type TwapSource } from "./TwapSource.ts";

// Seven tries may miss the best split by so much.
const nearEnough = 2;
const nearMost = 3;

/**
 * The cheapest way that was found to bend the source's mean to `target`, up or down: over 1 to all blocks of the window,
 * each number of owned slots and both endings (RISK-61). Pushes have one spot and runs another. Undefined where
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
  const even = schedules.flatMap((schedule) =>
    planOf(source, attacker, target, schedule, evenSpots(source, schedule, target)),
  );
  return [...even, ...splitPlans(source, attacker, target, schedules, even)];
}

function planOf(
  source: TwapSource,
  attacker: Attacker,
  target: number,
  schedule: Schedule,
  spots: Spots | undefined,
): readonly AttackPlan[] {
  if (spots === undefined) return [];
  const price = priceSchedule(source, schedule, spots);
  if (price.capital > (attacker.maxCapital ?? Number.POSITIVE_INFINITY)) return [];
  const plan: AttackPlan = {
    source,
    direction: target > source.pool.price ? "up" : "down",
    target,
    schedule: Object.freeze(schedule),
    manipulated: manipulatedIn(schedule),
    spots: Object.freeze(spots),
    assumes: attacker.arbitrageEveryBlock ? "arbitrage every block" : "no arbitrage",
    ...price,
  };
  return [Object.freeze(plan)];
}

/**
 * Plans whose runs have another spot than their pushes, as the two cost differently. Their pushes are 1, 2, 4, … and the three
 * largest numbers that fit, and those far above the best plan of as many slots are left.
 */
function splitPlans(
  source: TwapSource,
  attacker: Attacker,
  target: number,
  schedules: readonly Schedule[],
  even: readonly AttackPlan[],
): readonly AttackPlan[] {
  const known = new Map<number, number>();
  for (const { schedule, cost } of even)
    known.set(schedule.slotsPerRun, Math.min(cost, known.get(schedule.slotsPerRun) ?? Number.POSITIVE_INFINITY));
  return schedules
    .filter((schedule) => isWorthSplitting(schedule, source.blocks))
    .flatMap((schedule) => {
      const one = source.maxLogMove === undefined ? undefined : evenSpots(source, schedule, target);
      const planAt = (part: number) => {
        const spots = splitSpots(source, schedule, target, part, one);
        return planOf(source, attacker, target, schedule, spots);
      };
      const cost = (part: number) => planAt(part)[0]?.cost ?? Number.POSITIVE_INFINITY;
      const part = leastPart(cost, nearEnough * (known.get(schedule.slotsPerRun) ?? Number.POSITIVE_INFINITY));
      return part === undefined ? [] : planAt(part);
    });
}

function isWorthSplitting(schedule: Schedule, blocks: number): boolean {
  const { pushes, runs } = schedule;
  if (pushes === 0 || runs === 0) return false;
  return Number.isInteger(Math.log2(pushes)) || !isWithin({ ...schedule, pushes: pushes + nearMost }, blocks);
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
