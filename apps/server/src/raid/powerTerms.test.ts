import { probabilityOf } from "@testudo/core/risk/attack/probabilityOf";
import { crossingChance } from "@testudo/core/risk/crossingChance";
import { expect, test } from "vitest";
import { chanceField, chanceOfAll, costField } from "./powerTerms.ts";

const fall = { move: -0.2, sigma: 0.8, seconds: 86_400 };
const wad = (value: number): bigint => BigInt(Math.ceil(value * 1e6)) * 10n ** 12n;

test("LAB-33: a move of the market is as likely as the risk engine says, a number as whoever declares it", () => {
  const chance = chanceField.parse(fall);
  expect(chance).toEqual({ model: "move", move: -0.2, motion: { sigma: 0.8, mu: 0 }, seconds: 86_400 });
  const own = crossingChance(Math.log(0.8), { sigma: 0.8, mu: 0 }, 86_400);
  expect(probabilityOf(chance) / own).toBeCloseTo(1, 12);
  const calm = chanceField.parse({ ...fall, sigma: 0.4 });
  expect(probabilityOf(calm)).toBeLessThan(probabilityOf(chance) / 100);
  expect(chanceField.parse(0.25)).toEqual({ model: "stated", probability: 0.25, by: "scenario" });
  expect(chanceField.parse(1)).toEqual({ model: "always" });
});

test("LAB-33: the chance of several powers together is the product, of one its own, of none certainty", () => {
  const chances = [chanceField.parse(fall), chanceField.parse(0.25)];
  expect(chanceOfAll([0], chances)).toBe(chances[0]);
  expect(chanceOfAll([], chances)).toEqual({ model: "always" });
  const both = chanceOfAll([0, 1, 1], chances);
  expect(both).toMatchObject({ model: "stated", by: "scenario" });
  expect(probabilityOf(both)).toBeCloseTo(probabilityOf(chances[0]!) / 16, 15);
});

test("LAB-30, RISK-60: to move a pool's price costs what the risk engine says, rounded up", () => {
  const pool = { quote: 50_000, base: 50_000, fee: 0 };
  // L (sqrt q - sqrt p)^2 / sqrt q.
  expect(costField.parse({ move: 0.35, pool })).toBe(wad((50_000 * (Math.sqrt(1.35) - 1) ** 2) / Math.sqrt(1.35)));
  // Euler's published example: 0.35 on a mean of 144 blocks.
  const long = costField.parse({ move: 0.35, pool, blocks: 144 });
  expect(Number(long / 10n ** 12n) / 1e6).toBeGreaterThan(100_000);
  expect(costField.parse({ move: 0.35, pool: { ...pool, fee: 0.003 }, arbitrage: false })).toBeLessThan(
    costField.parse({ move: 0.35, pool: { ...pool, fee: 0.003 } }),
  );
});

test("error: moves, pools and chances that cannot be are named", () => {
  const pool = { quote: 1, base: 1, fee: 0 };
  const wrong = (given: object) => costField.safeParse(given).error?.issues[0]?.path.join(".");
  expect(wrong({ move: -1, pool })).toBe("move");
  expect(wrong({ move: 0, pool })).toBe("move");
  expect(wrong({ move: 0.1, pool: { ...pool, base: 0 } })).toBe("pool.base");
  expect(wrong({ move: 0.1, pool: { ...pool, fee: 1 } })).toBe("pool.fee");
  expect(wrong({ move: 0.1, pool, blocks: 0 })).toBe("blocks");
  expect(costField.safeParse({ move: 1e300, pool }).success).toBe(false);
  for (const given of [0, 1.1, "0.5", { ...fall, sigma: 0 }, { ...fall, seconds: 0.5 }, { ...fall, by: 1 }])
    expect(chanceField.safeParse(given).error?.issues[0]?.message).toBeTruthy();
});
