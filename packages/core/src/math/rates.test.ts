import fc from "fast-check";
import { expect, test } from "vitest";
import { betaIncomplete } from "./betaIncomplete.ts";
import { clopperPearson } from "./clopperPearson.ts";
import { combineP } from "./combineP.ts";
import { chiSquaredTail } from "./gammaUpper.ts";
import { logGamma } from "./logGamma.ts";

/** P(X >= from) for X of `trials` with chance `p`, summed term by term. */
function binomialTail(from: number, trials: number, p: number): number {
  let sum = 0;
  for (let k = from; k <= trials; k += 1) {
    let log = k * Math.log(p) + (trials - k) * Math.log1p(-p);
    for (let i = 1; i <= k; i += 1) log += Math.log((trials - k + i) / i);
    sum += Math.exp(log);
  }
  return sum;
}

test("behavior: logGamma gives the logarithm of the factorial", () => {
  let log = 0;
  for (let n = 1; n <= 170; n += 1) {
    expect(logGamma(n)).toBeCloseTo(log, 9);
    log += Math.log(n);
  }
  expect(logGamma(0.5)).toBeCloseTo(Math.log(Math.sqrt(Math.PI)), 12);
});

test("behavior: at the bounds of Clopper and Pearson the count is just 2.5 % likely on either side", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 200 }), fc.nat(), (trials, seed) => {
      const hits = seed % (trials + 1);
      const { low, high } = clopperPearson(hits, trials);
      if (hits > 0) expect(binomialTail(hits, trials, low)).toBeCloseTo(0.025, 8);
      if (hits < trials) expect(1 - binomialTail(hits + 1, trials, high)).toBeCloseTo(0.025, 8);
      expect(low <= hits / trials && hits / trials <= high).toBe(true);
    }),
  );
});

test("behavior: no hit of many is bounded by 3.69 over their number, and by 3 one-sided", () => {
  for (const trials of [1_000, 3_445, 1_000_000]) {
    expect(clopperPearson(0, trials).high * trials).toBeCloseTo(-Math.log(0.025), 1);
    expect(clopperPearson(0, trials, 0.9).high * trials).toBeCloseTo(3, 1);
  }
  expect(clopperPearson(0, 0)).toEqual({ low: 0, high: 1 });
});

test("behavior: the incomplete beta function is a binomial tail", () => {
  for (const [k, n, p] of [
    [1, 5, 0.1],
    [40, 100, 0.5],
    [99, 100, 0.9],
  ] as const)
    expect(betaIncomplete(p, k, n - k + 1)).toBeCloseTo(binomialTail(k, n, p), 10);
});

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
