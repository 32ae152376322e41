import fc from "fast-check";
import { expect, test } from "vitest";
import { type Ewma, updateEwma } from "./ewma.ts";

const figure = fc.double({ min: -1e6, max: 1e6, noNaN: true });
const anyValues = fc.array(figure, { minLength: 1, maxLength: 60 });
const anyLambda = fc.double({ min: 0.01, max: 0.99, noNaN: true });

const fold = (values: readonly number[], lambda: number) =>
  values.reduce<Ewma | undefined>((ewma, value) => updateEwma(ewma, value, lambda), undefined)!;

test("the mean is the sum of the values with weights that fall by lambda, the oldest having the rest", () => {
  fc.assert(
    fc.property(anyValues, anyLambda, (values, lambda) => {
      const n = values.length;
      const expected = values.reduce(
        (sum, value, i) => sum + value * (i === 0 ? lambda ** (n - 1) : (1 - lambda) * lambda ** (n - 1 - i)),
        0,
      );
      const { mean, count } = fold(values, lambda);
      expect(Math.abs(mean - expected)).toBeLessThanOrEqual(1e-6);
      expect(count).toBe(n);
    }),
  );
});

test("the mean stays between the smallest and the largest value, and the variance is never negative", () => {
  fc.assert(
    fc.property(anyValues, anyLambda, (values, lambda) => {
      const { mean, variance } = fold(values, lambda);
      expect(mean).toBeGreaterThanOrEqual(Math.min(...values) - 1e-6);
      expect(mean).toBeLessThanOrEqual(Math.max(...values) + 1e-6);
      expect(variance).toBeGreaterThanOrEqual(0);
    }),
  );
});

test("a shift moves the mean alone, a scale the variance by its square", () => {
  const values = [3, -1, 4, 1, -5, 9, 2, -6];
  const plain = fold(values, 0.94);
  const shifted = fold(
    values.map((v) => v + 100),
    0.94,
  );
  const scaled = fold(
    values.map((v) => v * 10),
    0.94,
  );
  expect(shifted.mean).toBeCloseTo(plain.mean + 100, 9);
  expect(shifted.variance).toBeCloseTo(plain.variance, 9);
  expect(scaled.variance).toBeCloseTo(plain.variance * 100, 6);
});

test("three figures by hand: RiskMetrics' recursion", () => {
  expect(fold([1], 0.5)).toEqual({ mean: 1, variance: 0, count: 1 });
  // Deviation of 3 from 1 is 2: half of 0 and half of 4. Then 2 equals the mean.
  expect(fold([1, 3], 0.5)).toEqual({ mean: 2, variance: 2, count: 2 });
  expect(fold([1, 3, 2], 0.5)).toEqual({ mean: 2, variance: 1, count: 3 });
});
