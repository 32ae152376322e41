import { expect, test } from "vitest";
import { combineP } from "./combineP.ts";
import { chiSquaredTail } from "./gammaUpper.ts";

test("behavior: the chi-squared tail of even freedom is its closed form, far out too", () => {
  for (const [x, pairs] of [
    [1, 1],
    [20, 3],
    [120, 4],
    [400, 2],
  ] as const) {
    let term = Math.exp(-x / 2);
    let sum = term;
    for (let i = 1; i < pairs; i += 1) {
      term *= x / 2 / i;
      sum += term;
    }
    expect(chiSquaredTail(x, 2 * pairs) / sum).toBeCloseTo(1, 9);
  }
});

test("behavior: without correlation Brown's is Fisher's; with it the same parts say less, down to one of them", () => {
  const ps = [1e-3, 1e-4, 0.02];
  const free = combineP(ps, () => 0);
  expect(free.brown).toBeCloseTo(free.fisher, 15);
  expect(free.product).toBeCloseTo(2e-9, 20);
  let last = free.brown;
  for (const r of [0.1, 0.3, 0.6, 0.9, 1]) {
    const { brown } = combineP(ps, () => r);
    expect(brown).toBeGreaterThan(last);
    last = brown;
  }
  const [same] = [combineP([1e-3, 1e-3], () => 1)];
  expect(same.brown / 1e-3).toBeCloseTo(1, 2);
  expect(combineP([0.03], () => 0).brown).toBeCloseTo(0.03, 12);
});
