import fc from "fast-check";
import { expect, test } from "vitest";
import { fitHawkes, hawkesLogLikelihood } from "./hawkes.ts";
import { herfindahl } from "./herfindahl.ts";
import { leastSquares } from "./leastSquares.ts";
import { median, scaledMad } from "./median.ts";
import { robustZ } from "./robustZ.ts";
import { imbalanceOf, noBuckets, pourVolume, vpinOf } from "./volumeBuckets.ts";

/** xorshift32, so that a failure comes back. */
function randomOf(seed: number): () => number {
  let x = seed | 1;
  return () => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return ((x >>> 0) + 0.5) / 2 ** 32;
  };
}

/** Events of a Hawkes process by its clusters: Poisson parents, each event with Poisson(n) children after exponential waits. */
function simulate(mu: number, branching: number, beta: number, horizon: number, seed: number): number[] {
  const random = randomOf(seed);
  const wait = (rate: number) => -Math.log(random()) / rate;
  const poisson = (mean: number) => {
    let count = -1;
    for (let sum = 0; sum < mean; count++) sum += wait(1);
    return Math.max(0, count);
  };
  const events: number[] = [];
  for (let t = wait(mu); t < horizon; t += wait(mu)) events.push(t);
  for (let i = 0; i < events.length; i++)
    for (let child = poisson(branching); child > 0; child--) {
      const at = events[i]! + wait(beta);
      if (at < horizon) events.push(at);
    }
  return events.sort((a, b) => a - b);
}

/** λ(t) summed over all earlier events, and its integral in closed form: no recursion. */
function naiveLogLikelihood(
  times: readonly number[],
  horizon: number,
  mu: number,
  alpha: number,
  beta: number,
): number {
  const logs = times.map((t, i) =>
    Math.log(mu + times.slice(0, i).reduce((sum, s) => sum + alpha * Math.exp(-beta * (t - s)), 0)),
  );
  const integral =
    mu * horizon + times.reduce((sum, t) => sum + (alpha / beta) * (1 - Math.exp(-beta * (horizon - t))), 0);
  return logs.reduce((a, b) => a + b, 0) - integral;
}

const ascending = fc
  .array(fc.double({ min: 0.01, max: 50, noNaN: true }), { minLength: 5, maxLength: 60 })
  .map((gaps) => gaps.map((_, i) => gaps.slice(0, i + 1).reduce((a, b) => a + b, 0)));
const rate = fc.double({ min: 0.01, max: 2, noNaN: true });

test("CAT-03: the likelihood by recursion is the one summed over all pairs", () => {
  fc.assert(
    fc.property(ascending, rate, rate, rate, (times, mu, alpha, beta) => {
      const horizon = times.at(-1)! + 1;
      const naive = naiveLogLikelihood(times, horizon, mu, alpha, beta);
      expect(hawkesLogLikelihood(times, horizon, { mu, alpha, beta })).toBeCloseTo(naive, 6);
    }),
    { numRuns: 50 },
  );
});

test("the fit is at least as likely as any process tried at random, and as a Poisson process", () => {
  fc.assert(
    fc.property(ascending, rate, rate, rate, (times, mu, alpha, beta) => {
      const horizon = times.at(-1)! + 1;
      const fit = fitHawkes(times, horizon, 0.5)!;
      const inside = Math.min(Math.max(beta, 1 / horizon), 2);
      const tried = naiveLogLikelihood(times, horizon, mu, alpha, inside);
      expect(fit.logLikelihood).toBeGreaterThanOrEqual(tried - 0.2);
      expect(fit.likelihoodRatio).toBeGreaterThanOrEqual(0);
      expect(fit.logLikelihood).toBeCloseTo(naiveLogLikelihood(times, horizon, fit.mu, fit.alpha, fit.beta), 6);
    }),
    { numRuns: 25 },
  );
});

test("the fit finds the branching ratio that events were made with", () => {
  const off = [0.3, 0.6, 0.85].map((branching) => {
    const found = [1, 2, 3, 4, 5].map((seed) => {
      const times = simulate(0.05, branching, 0.4, 6_000, seed * 7_919);
      return fitHawkes(times, 6_000, 0.5)!.branching;
    });
    return Math.abs(median(found)! - branching);
  });
  for (const error of off) expect(error).toBeLessThan(0.08);
});

test("events without excitement are seldom taken for a cascade", () => {
  const taken = Array.from({ length: 60 }, (_, i) => {
    const times = simulate(0.05, 0, 1, 1_200, 104_729 + 31 * i);
    const fit = fitHawkes(times, 1_200, 2);
    return fit !== undefined && fit.branching > 0.8 && fit.likelihoodRatio > 13.8;
  }).filter(Boolean).length;
  expect(taken).toBe(0);
});

test("error: too few events, or no time, give no fit", () => {
  expect(fitHawkes([1, 2], 10, 1)).toBeUndefined();
  expect(fitHawkes([1, 2, 3], 0, 1)).toBeUndefined();
  expect(fitHawkes([1, 2, 3], 10, 10)).toBeUndefined();
});

const volumes = fc.array(fc.double({ min: -500, max: 500, noNaN: true }), { maxLength: 80 });

test("buckets hold the volume that came in, each full one its size, and VPIN is that of a list of single units", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: -40, max: 40 }), { maxLength: 60 }),
      fc.integer({ min: 2, max: 9 }),
      (trades, size) => {
        const buckets = trades.reduce((b, v) => pourVolume(b, v, size, 1_000), noBuckets);
        const units = trades.flatMap((v) => Array.from({ length: Math.abs(v) }, () => Math.sign(v)));
        const count = Math.floor(units.length / size);
        const sums = Array.from({ length: count }, (_, i) =>
          units.slice(i * size, (i + 1) * size).reduce((a, b) => a + b, 0),
        );
        expect(buckets.full.length).toBe(count);
        if (count === 0) return;
        expect(vpinOf(buckets)).toBeCloseTo(sums.reduce((a, b) => a + Math.abs(b), 0) / (count * size), 9);
        expect(imbalanceOf(buckets)).toBeCloseTo(sums.reduce((a, b) => a + b, 0) / (count * size), 9);
      },
    ),
  );
});

test("VPIN lies between the imbalance and one, and is one where everybody trades one way", () => {
  fc.assert(
    fc.property(volumes, fc.double({ min: 1, max: 100, noNaN: true }), (trades, size) => {
      const buckets = trades.reduce((b, v) => pourVolume(b, v, size, 50), noBuckets);
      const vpin = vpinOf(buckets);
      expect(buckets.full.length).toBeLessThanOrEqual(50);
      if (vpin === undefined) return;
      expect(vpin).toBeLessThanOrEqual(1 + 1e-9);
      expect(vpin).toBeGreaterThanOrEqual(Math.abs(imbalanceOf(buckets)!) - 1e-9);
      const oneWay = trades.reduce((b, v) => pourVolume(b, Math.abs(v), size, 50), noBuckets);
      expect(vpinOf(oneWay)).toBeCloseTo(1, 9);
    }),
  );
});

test("the line of least squares leaves no slope in what it does not explain, and finds an exact one", () => {
  const points = fc.array(
    fc.tuple(fc.double({ min: -5, max: 5, noNaN: true }), fc.double({ min: -5, max: 5, noNaN: true })),
    {
      minLength: 3,
      maxLength: 40,
    },
  );
  fc.assert(
    fc.property(points, (list) => {
      const line = leastSquares(list);
      fc.pre(line !== undefined && line.spread > 1e-6);
      const left = list.map(([x, y]) => [x, y - line!.slope * x - line!.intercept] as const);
      const explained = left.reduce((sum, [x, r]) => sum + x * r, 0);
      expect(Math.abs(explained)).toBeLessThan(1e-6 * (1 + Math.abs(line!.slope)) * list.length * 30);
      const exact = leastSquares(list.map(([x]) => [x, 3 * x - 2] as const))!;
      expect(exact.slope).toBeCloseTo(3, 5);
      expect(exact.intercept).toBeCloseTo(-2, 5);
    }),
  );
  expect(leastSquares([[1, 2]])).toBeUndefined();
  expect(
    leastSquares([
      [1, 2],
      [1, 3],
    ]),
  ).toBeUndefined();
});

test("a robust z is deaf to outliers and has a floor", () => {
  expect(robustZ(5, [1, 1, 2, 2, 4, 6, 9], 0)).toBeCloseTo((5 - 2) / scaledMad([1, 1, 2, 2, 4, 6, 9])!, 9);
  expect(robustZ(1.5, [1, 1, 1, 1, 1e9], 0.1)).toBeCloseTo(5, 9);
  expect(robustZ(1, [], 1)).toBeUndefined();
});

test("concentration is between 1/n and 1, and largest for one holder", () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 1e-3, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 30 }), (parts) => {
      expect(herfindahl(parts)).toBeGreaterThanOrEqual(1 / parts.length - 1e-9);
      expect(herfindahl(parts)).toBeLessThanOrEqual(1 + 1e-9);
    }),
  );
  expect([herfindahl([]), herfindahl([7]), herfindahl([1, 1, 0, -5])]).toEqual([0, 1, 0.5]);
});
