import fc from "fast-check";
import { expect, test } from "vitest";
import { crossingChance } from "./crossingChance.ts";

const day = 86_400;
const year = 365 * day;

test("a leveraged long's barrier is met within a day as the closed form says, mu 0 and m = 1 / (2 leverage)", () => {
  const rows = [
    [5, 7.190_611_919e-6, 0.005_208_145_607, 0.064_427_913_24],
    [10, 0.039_899_045_24, 0.201_998_802_3, 0.399_926_580_9],
    [20, 0.325_123_942_7, 0.541_992_417_3, 0.687_988_658_8],
  ] as const;
  for (const [leverage, ...chances] of rows)
    for (const [i, chance] of chances.entries()) {
      const move = Math.log((1 - 1 / leverage) / (1 - 1 / (2 * leverage)));
      expect(crossingChance(move, { sigma: [0.5, 0.8, 1.2][i]!, mu: 0 }, day) / chance).toBeCloseTo(1, 8);
    }
});

test("a barrier that is looked at in steps is met less often: 0.10569 for 0.12143 over 64 steps", () => {
  // A year of 64 steps with standard deviation .01 and drift -.0005 each.
  const sigma = 0.01 * Math.sqrt(64);
  const motion = { sigma, mu: -0.0005 * 64 + sigma ** 2 / 2 };
  expect(crossingChance(-0.15, motion, year)).toBeCloseTo(0.121_43, 5);
  expect(crossingChance(-0.15, motion, year, year / 64)).toBeCloseTo(0.105_69, 5);
});

test("a move far in the tail keeps its digits, and a strong drift overflows nothing", () => {
  // Computed with 40 digits (mpmath 1.3.0).
  expect(crossingChance(Math.log(0.5), { sigma: 0.5, mu: 0 }, day) / 2.034_189_659_454_08e-154).toBeCloseTo(1, 10);
  expect(crossingChance(Math.log(0.4), { sigma: 0.5, mu: 0.1 }, day) / 1.652_676_209_045_45e-268).toBeCloseTo(1, 10);
  expect(crossingChance(-0.5, { sigma: 0.01, mu: -1 }, year)).toBeCloseTo(1, 12);
  expect(crossingChance(5, { sigma: 0.01, mu: 0 }, 10 * year)).toBe(0);
});

test("a crossing gets likelier with time and volatility, and rarer with distance, on both sides", () => {
  const unit = (min: number, max: number) => fc.double({ min, max, noNaN: true });
  fc.assert(
    fc.property(
      unit(0.01, 1),
      fc.constantFrom(-1, 1),
      unit(0.1, 2),
      unit(60, year / 12),
      (move, side, sigma, seconds) => {
        // The logarithm without drift: then the chance is twice the tail.
        const motion = (volatility: number) => ({ sigma: volatility, mu: volatility ** 2 / 2 });
        const chance = crossingChance(side * move, motion(sigma), seconds);
        expect(chance).toBeGreaterThanOrEqual(0);
        expect(chance).toBeLessThanOrEqual(1);
        expect(crossingChance(side * move, motion(sigma), seconds * 1.1)).toBeGreaterThanOrEqual(chance);
        expect(crossingChance(side * move, motion(sigma * 1.1), seconds)).toBeGreaterThanOrEqual(chance);
        expect(crossingChance(side * move * 1.1, motion(sigma), seconds)).toBeLessThanOrEqual(chance);
        expect(crossingChance(-side * move, motion(sigma), seconds)).toBeCloseTo(chance, 14);
      },
    ),
  );
});
