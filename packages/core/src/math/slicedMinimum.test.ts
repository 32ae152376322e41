import fc from "fast-check";
import { expect, test } from "vitest";
import { addToMinimum, minimumOver, type SlicedMinimum } from "./slicedMinimum.ts";

const span = 600;
const width = 10;

test("the minimum is that of all values of the span, to a slice, and of the one that stood when it began", () => {
  const step = fc.record({ after: fc.integer({ min: 0, max: 200 }), value: fc.bigInt(-100n, 100n) });
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 80 }), (steps) => {
      let samples: SlicedMinimum = [];
      let now = 1_000_000;
      const all: (readonly [number, bigint])[] = [];
      for (const { after, value } of steps) {
        now += after;
        all.push([now, value]);
        samples = addToMinimum(samples, now, value, span);
        expect(samples.length).toBeLessThanOrEqual(62);
        const least = minimumOver(samples, now, span);
        if (least === undefined) continue;
        const within = (seconds: number) => all.filter(([at]) => at > now - seconds).map(([, v]) => v);
        const min = (values: readonly bigint[]) => values.reduce((a, b) => (b < a ? b : a));
        // Never above what the span alone gives, and nothing that a slice more of it does not know but the value before.
        expect(least <= min(within(span))).toBe(true);
        expect(all.some(([, v]) => v === least)).toBe(true);
      }
    }),
  );
});

test("nothing is known before the span has passed", () => {
  const first = addToMinimum([], 1_000, 5n, span);
  expect(minimumOver(first, 1_000 + span - width, span)).toBeUndefined();
  const later = addToMinimum(first, 1_000 + span, 7n, span);
  expect(minimumOver(later, 1_000 + span, span)).toBe(5n);
  const last = addToMinimum(later, 1_000 + 2 * span, 9n, span);
  expect(minimumOver(last, 1_000 + 2 * span, span)).toBe(7n);
});
