import fc from "fast-check";
import { expect, test } from "vitest";
import { addToWindow, sumOfWindow, type Window } from "./window.ts";

type Entry = { readonly timestamp: bigint; readonly amount: bigint };

const anyHistory = fc
  .array(fc.record({ after: fc.integer({ min: 0, max: 900 }), amount: fc.bigInt(0n, 10n ** 24n) }), {
    minLength: 1,
    maxLength: 60,
  })
  .map((steps) => {
    let timestamp = 1_000_000n;
    return steps.map(({ after, amount }): Entry => {
      timestamp += BigInt(after);
      return { timestamp, amount };
    });
  });
const anySize = fc.record({
  spanSeconds: fc.integer({ min: 1, max: 4_000 }),
  buckets: fc.integer({ min: 1, max: 64 }),
});

/** Sum of the entries younger than `seconds` before the last one, each looked at anew. */
const naiveSum = (entries: readonly Entry[], seconds: bigint) =>
  entries
    .filter(({ timestamp }) => timestamp > entries.at(-1)!.timestamp - seconds)
    .reduce((sum, { amount }) => sum + amount, 0n);

test("STREAM-16: after each entry the sum holds all of the span, and nothing older than the span and one slice", () => {
  fc.assert(
    fc.property(anyHistory, anySize, (history, size) => {
      const width = BigInt(Math.max(1, Math.floor(size.spanSeconds / size.buckets)));
      let window: Window | undefined;
      history.forEach((entry, i) => {
        window = addToWindow(window, { ...entry, ...size });
        const seen = history.slice(0, i + 1);
        const sum = sumOfWindow(window);
        expect(sum).toBeGreaterThanOrEqual(naiveSum(seen, BigInt(size.spanSeconds)));
        expect(sum).toBeLessThanOrEqual(naiveSum(seen, BigInt(size.spanSeconds) + width));
      });
    }),
    { numRuns: 1_000, seed: 7 },
  );
});

test("a window stays in order, holds each slice once, and is bounded however much is added", () => {
  fc.assert(
    fc.property(anyHistory, anySize, (history, size) => {
      let window: Window | undefined;
      for (const entry of history) {
        window = addToWindow(window, { ...entry, ...size });
        expect(window.every(([start], i) => i === 0 || start > window![i - 1]![0])).toBe(true);
      }
      const width = Math.max(1, Math.floor(size.spanSeconds / size.buckets));
      expect(window!.length).toBeLessThanOrEqual(Math.ceil(size.spanSeconds / width) + 1);
    }),
    { numRuns: 500, seed: 7 },
  );
});

test("adding leaves the window before it as it was", () => {
  const before: Window = addToWindow(undefined, { timestamp: 100n, amount: 5n, spanSeconds: 60, buckets: 6 });
  const copy = structuredClone(before);
  const after = addToWindow(before, { timestamp: 103n, amount: 7n, spanSeconds: 60, buckets: 6 });
  expect(before).toEqual(copy);
  expect(after).toEqual([[100n, 12n]]);
});
