import fc from "fast-check";
import { expect, test } from "vitest";
import { logNormalTail, normalTail } from "./normalTail.ts";

// Computed with 40 digits (mpmath 1.3.0, erfc).
const known = [
  [-8, 0.9999999999999993, -6.220960574271786e-16],
  [-3, 0.9986501019683699, -0.0013508099647481938],
  [-0.3, 0.6179114221889527, -0.4814101615884812],
  [0.3, 0.3820885778110474, -0.9621028181688507],
  [1, 0.15865525393145705, -1.8410216450092636],
  [1.0001, 0.15863105806885877, -1.8411741625414106],
  [2, 0.02275013194817921, -3.783184333682032],
  [3.7, 0.00010779973347738826, -9.135235371872877],
  [5, 2.866515718791939e-7, -15.064998393988725],
  [8, 6.220960574271784e-16, -35.01343715991455],
  [20, 2.7536241186062337e-89, -203.91715537109727],
  [37.5, 4.605353009581955e-308, -707.6689893175072],
] as const;

test("RISK-120: the normal tail is right to 1e-14 of itself from -8 to 37.5 deviations, in logarithms beyond", () => {
  for (const [z, tail, log] of known) {
    expect(Math.abs(normalTail(z) / tail - 1)).toBeLessThan(1e-14);
    expect(Math.abs(logNormalTail(z) / log - 1)).toBeLessThan(1e-14);
  }
  expect(logNormalTail(50) / -1254.8313611394199).toBeCloseTo(1, 14);
  expect(logNormalTail(1_000) / -500007.82669481216).toBeCloseTo(1, 14);
});

test("the normal tail falls, sums up to 1 with its mirror image, and starts at one half", () => {
  expect(normalTail(0)).toBe(0.5);
  fc.assert(
    fc.property(
      fc.double({ min: -37, max: 37, noNaN: true }),
      fc.double({ min: 1e-6, max: 1, noNaN: true }),
      (z, more) => {
        expect(normalTail(z) + normalTail(-z)).toBeCloseTo(1, 14);
        expect(normalTail(z + more)).toBeLessThanOrEqual(normalTail(z));
        expect(logNormalTail(z + more)).toBeLessThan(logNormalTail(z) + 1e-15);
      },
    ),
  );
});
