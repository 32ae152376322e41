import type { Attacker } from "@testudo/core/risk/attack/Attacker";
import type { AttackPlan } from "@testudo/core/risk/attack/AttackPlan";
import { plansBySlots } from "@testudo/core/risk/attack/cheapestPlan";
import { type AttackStep, planSteps } from "@testudo/core/risk/attack/planSteps";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openTwapStage, type TwapStage } from "./twapStage.testkit.ts";

// A little over all prices, and most of it near the price, as people provide it.
const positions = [
  { lower: -887_220, upper: 887_220, liquidity: 50_000 },
  { lower: -1_980, upper: 2_220, liquidity: 400_000 },
];
const attacker: Attacker = { arbitrageEveryBlock: true, slots: { share: 0.3, maxSlots: 4, minChance: 1e-6 } };
const blocks = 8;
/** The pool's ticks are whole: what the mean can be off by. */
const tick = 1e-4;

let stage: TwapStage;
beforeAll(async () => {
  stage = await openTwapStage(positions);
}, 600_000);
afterAll(() => stage?.close());

const plansTo = async (target: number, who = attacker) => {
  const pool = await stage.readPool();
  return plansBySlots({ kind: "twap", id: "pool", pool, blocks, mean: "geometric" }, who, target);
};

/** Spot after the last step of each block that has any. */
function blockEnds(steps: readonly AttackStep[]): readonly number[] {
  return steps.filter(({ block }, i) => steps[i + 1]?.block !== block).map(({ spotAfter }) => spotAfter);
}

async function holds(plan: AttackPlan): Promise<void> {
  const steps = planSteps(plan);
  const { spots, mean, loss } = await stage.play(steps, blocks);
  const ends = blockEnds(steps);
  expect(spots.length).toBe(ends.length);
  for (const [i, spot] of spots.entries()) expect(spot / ends[i]!).toBeCloseTo(1, 6);
  expect(Math.abs(Math.log(mean / plan.target))).toBeLessThan(1.1 * tick);
  expect(Math.abs(loss - plan.cost)).toBeLessThan(1e-6 * plan.capital);
}

test("RISK-61: on a Uniswap v3 pool each plan's steps move the pool's own mean to the target, at the plan's cost", async () => {
  const endings = new Set<string>();
  for (const target of [1.002, 1.08, 1.35, 0.7])
    for (const plan of await plansTo(target)) {
      await holds(plan);
      endings.add(`${plan.direction}, ${plan.schedule.slotsPerRun} slots, ${plan.schedule.ending}`);
    }
  expect([...endings].sort()).toMatchInlineSnapshot(`
    [
      "down, 0 slots, leave",
      "down, 2 slots, unwind",
      "down, 3 slots, unwind",
      "down, 4 slots, unwind",
      "up, 0 slots, leave",
      "up, 2 slots, leave",
      "up, 2 slots, unwind",
      "up, 3 slots, leave",
      "up, 3 slots, unwind",
      "up, 4 slots, leave",
      "up, 4 slots, unwind",
    ]
  `);
});

test("RISK-61: a push that nobody restores lasts for the window, for the fees of one round trip", async () => {
  const plans = await plansTo(1.2, { arbitrageEveryBlock: false });
  expect(plans.map(({ manipulated }) => manipulated)).toEqual([blocks]);
  await holds(plans[0]!);
});

test("RISK-60: the chain's own liquidity is what is walked: two positions, and the ticks at which they end", async () => {
  const { price, ranges } = await stage.readPool();
  expect(price).toBe(1);
  expect(ranges.map((range) => range.ticks)).toEqual([
    [-887_220, -1_980],
    [-1_980, 2_220],
    [2_220, 887_220],
  ]);
  for (const [i, depth] of [50_000, 450_000, 50_000].entries()) expect(ranges[i]!.liquidity).toBeCloseTo(depth, 6);
});
