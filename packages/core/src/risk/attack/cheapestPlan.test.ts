import fc from "fast-check";
import { expect, test } from "vitest";
import type { Attacker } from "./Attacker.ts";
import type { AttackPlan } from "./AttackPlan.ts";
import { chanceOfPlan, cheapestPlan, plansBySlots } from "./cheapestPlan.ts";
import { deepen, fullRangePool, toPool } from "./Pool.ts";
import { planSteps } from "./planSteps.ts";
import { priceSchedule } from "./priceSchedule.ts";
import type { recordedMean } from "./recordedMean.ts";
import { replaySteps } from "./replaySteps.testkit.ts";
import type { Mean } from "./spotForMean.ts";
import { evenSpots, splitSpots } from "./spotsFor.ts";
import type { TwapSource } from "./TwapSource.ts";
import { pushCost, roundTripCost, walkPool } from "./walkPool.ts";

const dai = fullRangePool({ id: "dai-usdc", quote: 50_000, base: 50_000, fee: 0 });
const euler: TwapSource = { kind: "twap", id: "dai", pool: dai, blocks: 144, mean: "geometric" };
const outsider: Attacker = { arbitrageEveryBlock: true };
const pushes = (count: number) => ({ pushes: count, runs: 0, slotsPerRun: 0, held: 0, ending: "leave" }) as const;

/** Spot and cost of a block where `count` blocks of the window are bent, each restored by an arbitrageur. */
function bent(source: TwapSource, target: number, count: number): { readonly spot: number; readonly cost: number } {
  const spot = evenSpots(source, pushes(count), target)!.push;
  return { spot, cost: pushCost(source.pool, walkPool(source.pool, spot)) };
}

test("RISK-60: Euler's example, a mean of 1.35 over 144 blocks of a pool of 50,000 and 50,000", () => {
  const within = (value: number, wanted: number) => expect(Math.abs(value / wanted - 1)).toBeLessThan(1e-6);
  const [one, ten, twenty, half] = [1, 10, 20, 72].map((count) => bent(euler, 1.35, count));
  within(one!.spot, 5.862_227_43e18);
  within(one!.cost, 121_060_185_659_756);
  within(ten!.spot, 75.301_957_6);
  within(ten!.cost, 339_645.418);
  within(10 * ten!.cost, 3_396_454.18);
  within(twenty!.spot, 8.677_670_05);
  within(20 * twenty!.cost, 1_285_256.21);
  within(half!.spot, 1.8225);
  within(72 * half!.cost, 326_666.667);
});

test("RISK-60: an arithmetic mean of 1.35 takes one block at 51.4, for 265,443", () => {
  const { spot, cost } = bent({ ...euler, mean: "arithmetic" }, 1.35, 1);
  expect(spot).toBeCloseTo(51.4, 9);
  expect(cost).toBeCloseTo(265_443.071, 3);
});

test("RISK-61: of all numbers of blocks the cheapest: all 144 for a geometric mean, fewer for an arithmetic one", () => {
  for (const mean of ["geometric", "arithmetic"] as const)
    for (const target of [1.35, 4, 0.6]) {
      const source = { ...euler, mean };
      const totals = Array.from({ length: 144 }, (_, i) => i + 1).flatMap((count) => {
        const spot = evenSpots(source, pushes(count), target)?.push;
        return spot === undefined ? [] : [count * pushCost(dai, walkPool(dai, spot))];
      });
      expect(cheapestPlan(source, outsider, target)!.cost).toBe(Math.min(...totals));
    }
  expect(cheapestPlan(euler, outsider, 1.35)!.manipulated).toBe(144);
  // ePrint 2022/445: one block at a high price costs less than many, where the mean is wanted high enough.
  expect(cheapestPlan({ ...euler, mean: "arithmetic" }, outsider, 4)!.manipulated).toBe(1);
});

const between = (min: number, max: number) => fc.double({ min, max, noNaN: true });
const attackers: fc.Arbitrary<Attacker> = fc.record({
  arbitrageEveryBlock: fc.boolean(),
  slots: fc.record({
    share: between(0.05, 0.6),
    maxSlots: fc.integer({ min: 1, max: 6 }),
    minChance: fc.constantFrom(1e-9, 1e-4, 0.5),
  }),
});
const attacks = fc.record({
  attacker: attackers,
  mean: fc.constantFrom<Mean>("geometric", "arithmetic"),
  blocks: fc.integer({ min: 1, max: 16 }),
  target: fc.oneof(between(0.4, 0.98), between(1.02, 3)),
  fee: fc.constantFrom(0, 0.0005, 0.003, 0.01),
  clamp: fc.constantFrom(undefined, 0.2, 0.9116),
});

test("RISK-61: replayed swap by swap, every plan bends the mean to its target, costs what it says and leaves no trace", () => {
  const reserves = { quote: 80_000, base: 20_000 };
  let replayed = 0;
  fc.assert(
    fc.property(attacks, ({ attacker, mean, blocks, target, fee, clamp }) => {
      const pool = fullRangePool({ id: "pool", ...reserves, fee });
      const truncation = clamp === undefined ? {} : { maxLogMove: clamp };
      const source: TwapSource = { kind: "twap", id: "twap", pool, blocks, mean, ...truncation };
      for (const plan of plansBySlots(source, attacker, 4 * target)) {
        const { spots, loss, end } = replaySteps(planSteps(plan), { ...reserves, fee }, blocks);
        const rule = { mean, price: 4, maxLogMove: clamp ?? Number.POSITIVE_INFINITY };
        expect(recordOf(rule, spots) / (4 * target)).toBeCloseTo(1, 8);
        expect(Math.abs(loss - plan.cost)).toBeLessThanOrEqual(1e-8 * plan.capital * blocks + 1e-6);
        expect(end).toBeCloseTo(4, 6);
        replayed += 1;
      }
    }),
  );
  expect(replayed).toBeGreaterThan(100);
});

// Spot by spot, where the code under test has one spot and a pattern.
function recordOf(rule: Parameters<typeof recordedMean>[0], spots: readonly number[]): number {
  let record = rule.price;
  let sum = 0;
  for (const spot of spots) {
    const low = record * Math.exp(-rule.maxLogMove);
    record = Math.min(Math.max(spot, low), record * Math.exp(rule.maxLogMove));
    sum += rule.mean === "geometric" ? Math.log(record) : record;
  }
  return rule.mean === "geometric" ? Math.exp(sum / spots.length) : sum / spots.length;
}

test("RISK-61: no plan uses a slot in which somebody else trades, or a block outside the window", () => {
  fc.assert(
    fc.property(attacks, ({ attacker, mean, blocks, target, fee }) => {
      const pool = fullRangePool({ id: "pool", quote: 80_000, base: 20_000, fee });
      for (const plan of plansBySlots({ kind: "twap", id: "twap", pool, blocks, mean }, attacker, 4 * target)) {
        const steps = planSteps(plan);
        expect(steps.every(({ block }) => block >= 0 && block <= blocks)).toBe(true);
        const order = steps.map(({ block, at }) => 2 * block + (at === "last" ? 1 : 0));
        expect(order).toEqual([...new Set(order)].sort((a, b) => a - b));
        const { slotsPerRun, held, ending } = plan.schedule;
        if (slotsPerRun > 0) expect(held).toBe(ending === "unwind" ? slotsPerRun - 1 : slotsPerRun);
      }
    }),
  );
});

test("RISK-61: k owned slots bend k - 1 intervals for the fees of one round trip", () => {
  const pool = fullRangePool({ id: "pool", quote: 50_000, base: 50_000, fee: 0.003 });
  const attacker = { ...outsider, slots: { share: 0.3, maxSlots: 5, minChance: 1e-6 } };
  const source: TwapSource = { ...euler, pool, blocks: 4 };
  const plans = plansBySlots(source, attacker, 1.35);
  const five = plans.find((plan) => plan.schedule.slotsPerRun === 5)!;
  expect(five.schedule).toEqual({ pushes: 0, runs: 1, slotsPerRun: 5, held: 4, ending: "unwind" });
  const walk = walkPool(pool, 1.35);
  expect(five.cost).toBeCloseTo((0.003 / 0.997) * (walk.quote + walk.base), 9);
  expect(chanceOfPlan(five, 0.3)!.perStart).toBeCloseTo(0.3 ** 5, 15);
  expect(chanceOfPlan(five, 0.3)!.startsPerDay).toBeCloseTo(7_200 * 0.3 ** 5, 9);
  // Window and slots are as long: one start fits.
  expect(chanceOfPlan(five, 0.3)!.perWindow).toBeCloseTo(0.3 ** 5, 15);
  const alone = plans.find((plan) => plan.schedule.slotsPerRun === 0)!;
  expect(chanceOfPlan(alone, 0.3)).toBeUndefined();
  expect(alone.cost).toBeGreaterThan(10 * five.cost);
});

test("RISK-61: a small move at a high fee is left to an arbitrageur, and k owned slots bend k intervals for its loss", () => {
  const pool = fullRangePool({ id: "pool", quote: 50_000, base: 50_000, fee: 0.01 });
  const attacker = { ...outsider, slots: { share: 0.3, maxSlots: 4, minChance: 1e-6 } };
  const plans = plansBySlots({ ...euler, pool, blocks: 4 }, attacker, 1.01);
  const four = plans.find((plan) => plan.schedule.slotsPerRun === 4)!;
  expect(four.schedule).toEqual({ pushes: 0, runs: 1, slotsPerRun: 4, held: 4, ending: "leave" });
  expect(four.cost).toBeCloseTo(pushCost(pool, walkPool(pool, 1.01)), 9);
  expect(four.cost).toBeLessThan(roundTripCost(pool, walkPool(pool, 1.01)));
});

test("RISK-61: runs and pushes have spots of their own: of a fall by 40 % two runs of three slots take the most", () => {
  const pool = fullRangePool({ id: "pool", quote: 200_000, base: 200_000, fee: 0.0005 });
  const source: TwapSource = { kind: "twap", id: "twap", pool, blocks: 12, mean: "arithmetic" };
  const attacker = { ...outsider, slots: { share: 0.3, maxSlots: 3, minChance: 1e-3 } };
  const plan = cheapestPlan(source, attacker, 0.6)!;
  expect(plan.schedule).toMatchObject({ slotsPerRun: 3, runs: 2, ending: "unwind" });
  expect(plan.spots.run).toBeLessThan(0.1);
  expect(plan.spots.push).toBeGreaterThan(0.8);
  const even = priceSchedule(source, plan.schedule, evenSpots(source, plan.schedule, 0.6)!);
  expect(plan.cost).toBeLessThan(even.cost / 10);
  // A grid of splits, finer than the search's own, finds nothing better than by a thousandth.
  const parts = Array.from({ length: 999 }, (_, i) => (i + 1) / 1_000);
  const costs = parts.flatMap((part) => {
    const spots = splitSpots(source, plan.schedule, 0.6, part);
    return spots === undefined ? [] : [priceSchedule(source, plan.schedule, spots).cost];
  });
  expect(plan.cost).toBeLessThan(1.001 * Math.min(...costs));
});

test("RISK-61: without arbitrage every block a cost is never in proportion to the bent blocks", () => {
  const pool = fullRangePool({ id: "pool", quote: 50_000, base: 50_000, fee: 0.003 });
  const held = cheapestPlan({ ...euler, pool }, { arbitrageEveryBlock: false }, 1.35)!;
  const restored = cheapestPlan({ ...euler, pool }, outsider, 1.35)!;
  expect([held.assumes, restored.assumes]).toEqual(["no arbitrage", "arbitrage every block"]);
  expect([held.manipulated, held.schedule.runs, held.schedule.pushes]).toEqual([144, 1, 0]);
  const walk = walkPool(pool, 1.35);
  expect(held.cost).toBeCloseTo((0.003 / 0.997) * (walk.quote + walk.base), 9);
  expect(restored.cost).toBeGreaterThan(100 * held.cost);
});

test("RISK-61: runs count only while their slots are likely enough, and pushes only within the capital", () => {
  const pool = fullRangePool({ id: "pool", quote: 50_000, base: 50_000, fee: 0.003 });
  const runsAt = (minChance: number) =>
    plansBySlots({ ...euler, pool }, { ...outsider, slots: { share: 0.3, maxSlots: 2, minChance } }, 1.35).find(
      (plan) => plan.schedule.slotsPerRun === 2,
    )!;
  const [likely, rare] = [runsAt(0.5), runsAt(1e-6)];
  expect(rare.schedule.runs).toBeGreaterThan(likely.schedule.runs);
  expect(rare.cost).toBeLessThan(likely.cost);
  expect(chanceOfPlan(likely, 0.3)!.perWindow).toBeGreaterThanOrEqual(0.5);
  const poor = { ...outsider, maxCapital: 10_000 };
  expect(cheapestPlan(euler, poor, 1.35)!.capital).toBeLessThanOrEqual(10_000);
  expect(cheapestPlan(euler, { ...outsider, maxCapital: 1_000 }, 1.35)).toBeUndefined();
});

test("RISK-60: a deeper pool is never cheaper to attack", () => {
  fc.assert(
    fc.property(attacks, between(1, 20), ({ attacker, mean, blocks, target, fee }, factor) => {
      const pool = fullRangePool({ id: "pool", quote: 80_000, base: 20_000, fee });
      const costIn = (one: typeof pool) =>
        cheapestPlan({ kind: "twap", id: "twap", pool: one, blocks, mean }, attacker, 4 * target)?.cost;
      const [shallow, deep] = [costIn(pool), costIn(deepen(pool, factor))];
      expect(deep === undefined).toBe(shallow === undefined);
      if (shallow !== undefined) expect(deep!).toBeGreaterThanOrEqual(shallow * (1 - 1e-6));
    }),
  );
});

test("RISK-60: a longer window with as many bent blocks is never cheaper, of neither mean", () => {
  fc.assert(
    fc.property(attacks, fc.nat(30), fc.integer({ min: 1, max: 16 }), ({ mean, blocks, target, fee }, more, count) => {
      fc.pre(count <= blocks);
      const pool = fullRangePool({ id: "pool", quote: 80_000, base: 20_000, fee });
      const spotIn = (length: number) =>
        evenSpots({ kind: "twap", id: "twap", pool, blocks: length, mean }, pushes(count), 4 * target)?.push;
      const [short, long] = [spotIn(blocks), spotIn(blocks + more)];
      // What cannot be reached in a window cannot be in a longer one.
      if (short === undefined) expect(long).toBeUndefined();
      else if (long !== undefined)
        expect(pushCost(pool, walkPool(pool, long))).toBeGreaterThanOrEqual(
          pushCost(pool, walkPool(pool, short)) - 1e-6,
        );
    }),
  );
});

test("RISK-60: a pool that ends at 1.5 is bent to any mean by its last range, and the plan says so", () => {
  const range = { lower: 0.5, upper: 1.5, liquidity: 50_000, ticks: [-6_932, 4_054] as const };
  const pool = toPool({ ...dai, ranges: [range] });
  const plan = cheapestPlan({ ...euler, pool }, outsider, 1.35)!;
  expect(plan.unbounded).toEqual({ side: "above", price: 1.5, tick: 4_054 });
  expect(plan.manipulated).toBe(1);
  expect(plan.cost).toBeCloseTo(walkPool(pool, 1.5).loss, 9);
});

test("plans are frozen, and a tie goes to the plan that needs no slots", () => {
  const plan: AttackPlan = cheapestPlan(euler, { ...outsider, slots: { share: 1, maxSlots: 1, minChance: 1 } }, 1.35)!;
  expect(Object.isFrozen(plan) && Object.isFrozen(plan.schedule) && Object.isFrozen(planSteps(plan))).toBe(true);
  expect(plan.schedule.slotsPerRun).toBe(0);
});

test("error: a target that is the fair price or none, a window of no blocks, a share above 1", () => {
  expect(() => cheapestPlan(euler, outsider, 1)).toThrow('"target" is 1');
  expect(() => cheapestPlan(euler, outsider, Number.NaN)).toThrow('"target" is NaN');
  expect(() => cheapestPlan({ ...euler, blocks: 0 }, outsider, 2)).toThrow('"blocks" is 0');
  expect(() => cheapestPlan({ ...euler, maxLogMove: 0 }, outsider, 2)).toThrow('"maxLogMove" is 0');
  const owner = { ...outsider, slots: { share: 1.5, maxSlots: 2, minChance: 0.1 } };
  expect(() => cheapestPlan(euler, owner, 2)).toThrow('"share" is 1.5');
});
