import fc from "fast-check";
import { expect, test } from "vitest";
import { median, scaledMad } from "./median.ts";
import { logOf, logRatio, ratioOf, toPlainNumber } from "./ratio.ts";
import { addSample, type Sample } from "./twap.ts";

const figure = fc.double({ min: -1e9, max: 1e9, noNaN: true });

test("half of the values lie on either side of the median, and shifting all shifts it alone", () => {
  fc.assert(
    fc.property(fc.array(figure, { minLength: 1, maxLength: 50 }), (values) => {
      const middle = median(values)!;
      expect(values.filter((v) => v <= middle).length * 2).toBeGreaterThanOrEqual(values.length);
      expect(values.filter((v) => v >= middle).length * 2).toBeGreaterThanOrEqual(values.length);
      expect(scaledMad(values)).toBeGreaterThanOrEqual(0);
    }),
  );
  expect(median([])).toBeUndefined();
  expect(scaledMad([1, 1, 2, 2, 4, 6, 9])).toBeCloseTo(1.4826, 9);
});

test("ratios and logarithms of amounts agree with floats, and hold beyond their range", () => {
  fc.assert(
    fc.property(fc.bigInt(1n, 10n ** 15n), fc.bigInt(1n, 10n ** 15n), (a, b) => {
      expect(Math.abs(ratioOf(a, b) - Number(a) / Number(b))).toBeLessThanOrEqual(
        1e-9 + (Number(a) / Number(b)) * 1e-9,
      );
      expect(logRatio(a, b)).toBeCloseTo(Math.log(Number(a) / Number(b)), 9);
    }),
  );
  expect(logOf(1n << 2000n)).toBeCloseTo(2000 * Math.LN2, 6);
  expect(logRatio(0n, 1n)).toBeUndefined();
  expect([ratioOf(1n, 0n), ratioOf(0n, 0n)]).toEqual([Number.POSITIVE_INFINITY, 0]);
  expect([Number.NaN, Number.POSITIVE_INFINITY, 1 / 3].map(toPlainNumber)).toEqual([0, 1e18, 0.333333]);
});

test("samples stay in order, bounded, and keep the one that was in force when the span began", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 100 }), figure), { maxLength: 60 }), (steps) => {
      let samples: Sample[] = [];
      let now = 0;
      for (const [seconds, price] of steps) {
        now += seconds;
        samples = addSample(samples, [now, price], 300, 16);
        expect(samples.length).toBeLessThanOrEqual(16);
        expect(samples.at(-1)).toEqual([now, price]);
        expect(samples.filter(([at]) => at <= now - 300).length).toBeLessThanOrEqual(1);
        expect(samples.every(([at], i) => i === 0 || at > samples[i - 1]![0])).toBe(true);
      }
    }),
  );
});
