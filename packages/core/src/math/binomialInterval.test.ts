import fc from "fast-check";
import { expect, test } from "vitest";
import { binomialInterval, rateNotExcluded } from "./binomialInterval.ts";
import { betaQuantile, incompleteBeta, lnGamma } from "./incompleteBeta.ts";
import { mcnemarExact } from "./mcnemar.ts";

const digitsKept = 200;
const share = 10n ** BigInt(digitsKept);

/** P(X <= hits) for a binomial X, in 200 digits: the rate is a float and so a fraction of integers, and nothing is rounded before the end. */
function atMost(hits: number, trials: number, rate: number): number {
  // From the likelier side: the power of the other one would have no digit left.
  if (rate > 0.5) return 1 - atMost(trials - hits - 1, trials, 1 - rate);
  if (hits < 0) return 0;
  const p = toShare(rate);
  const q = share - p;
  let term = power(q, trials);
  let sum = term;
  for (let k = 1; k <= hits; k++) {
    term = (((term * BigInt(trials - k + 1)) / BigInt(k)) * p) / q;
    sum += term;
  }
  return Number(sum) / Number(share);
}

function toShare(rate: number): bigint {
  const [digits, exponent] = rate.toExponential(20).split("e") as [string, string];
  const shift = digitsKept - 20 + Number(exponent);
  const whole = BigInt(digits.replace(".", ""));
  return shift >= 0 ? whole * 10n ** BigInt(shift) : whole / 10n ** BigInt(-shift);
}

function power(base: bigint, exponent: number): bigint {
  let result = share;
  for (let i = 0; i < exponent; i++) result = (result * base) / share;
  return result;
}

test("EVAL-01: intervals are those of published tables", () => {
  // Hits and trials with the two-sided 95 % bounds as tables of Clopper and Pearson give them, to four digits.
  const table = [
    [0, 10, 0, 0.3085],
    [1, 10, 0.0025, 0.445],
    [5, 10, 0.1871, 0.8129],
    [10, 10, 0.6915, 1],
    [2, 20, 0.0123, 0.317],
    [15, 20, 0.509, 0.9134],
    [50, 100, 0.3983, 0.6017],
  ] as const;
  for (const [hits, trials, low, high] of table) {
    const found = binomialInterval(hits, trials);
    expect(found.low).toBeCloseTo(low, 4);
    expect(found.high).toBeCloseTo(high, 4);
  }
  expect(binomialInterval(0, 0)).toEqual({ low: 0, high: 1 });
});

test("EVAL-01: each bound is the rate at which the tail beyond what was seen is 2.5 %", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 400 }), fc.double({ min: 0, max: 1, noNaN: true }), (trials, part) => {
      const hits = Math.floor(part * trials);
      const { low, high } = binomialInterval(hits, trials);
      if (hits < trials) expect(atMost(hits, trials, high) / 0.025).toBeCloseTo(1, 8);
      if (hits > 0) expect((1 - atMost(hits - 1, trials, low)) / 0.025).toBeCloseTo(1, 8);
      const mirror = binomialInterval(trials - hits, trials);
      expect(mirror.low).toBeCloseTo(1 - high, 12);
      expect(low).toBeLessThanOrEqual(hits / trials);
      expect(high).toBeGreaterThanOrEqual(hits / trials);
    }),
    { numRuns: 60 },
  );
});

test("EVAL-07: no hit in 3,445 leaves 0.087 %, in 1,941 it leaves 0.155 %, and a rate of 0.0002 % takes 1.5 million", () => {
  expect(rateNotExcluded(0, 3_445)).toBeCloseTo(0.000_869_2, 6);
  expect(rateNotExcluded(0, 1_941)).toBeCloseTo(0.001_542_2, 6);
  expect(rateNotExcluded(0, 1_497_865)).toBeLessThan(0.000_002_000_1);
  expect(rateNotExcluded(0, 1_497_000)).toBeGreaterThan(0.000_002);
  expect(atMost(2, 2_241, rateNotExcluded(2, 2_241))).toBeCloseTo(0.05, 9);
});

test("the beta quantile holds its digits in the tails and inverts the function", () => {
  // Beta(1, b) has a closed form.
  for (const b of [1, 10, 1e3, 1e6])
    for (const p of [1e-12, 1e-3, 0.5, 0.999])
      expect(betaQuantile(p, 1, b) / -Math.expm1(Math.log1p(-p) / b)).toBeCloseTo(1, 9);
  fc.assert(
    fc.property(
      fc.double({ min: 1, max: 1e4, noNaN: true }),
      fc.double({ min: 1, max: 1e4, noNaN: true }),
      fc.double({ min: 1e-6, max: 1 - 1e-6, noNaN: true }),
      (a, b, p) => {
        expect(incompleteBeta(betaQuantile(p, a, b), a, b) / p).toBeCloseTo(1, 6);
      },
    ),
    { numRuns: 60 },
  );
  let factorial = 0;
  for (let n = 1; n < 170; n++) {
    expect(lnGamma(n) - factorial).toBeCloseTo(0, 10);
    factorial += Math.log(n);
  }
});

test("EVAL-09: McNemar's exact p-value is the two-sided binomial tail at one half", () => {
  expect(mcnemarExact(0, 0)).toBe(1);
  expect(mcnemarExact(0, 5)).toBeCloseTo(0.0625, 12);
  expect(mcnemarExact(0, 6)).toBeCloseTo(0.031_25, 12);
  expect(mcnemarExact(1, 8)).toBeCloseTo(0.039_062_5, 12);
  // Published example (Fagerland, Lydersen and Laake 2013): 1 and 7 discordant pairs give 0.0703.
  expect(mcnemarExact(1, 7)).toBeCloseTo(0.0703, 4);
  fc.assert(
    fc.property(fc.nat(60), fc.nat(60), (a, b) => {
      const n = a + b;
      const exact = n === 0 ? 1 : Math.min(1, 2 * atMost(Math.min(a, b), n, 0.5));
      expect(mcnemarExact(a, b)).toBeCloseTo(exact, 10);
      expect(mcnemarExact(b, a)).toBe(mcnemarExact(a, b));
    }),
    { numRuns: 60 },
  );
});
