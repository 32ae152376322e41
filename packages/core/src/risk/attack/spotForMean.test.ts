import fc from "fast-check";
import { expect, test } from "vitest";
import { recordedMean, spotForRecordedMean } from "./recordedMean.ts";
import { type Mean, spotForMean } from "./spotForMean.ts";

const between = (min: number, max: number) => fc.double({ min, max, noNaN: true });
const cases = fc.record({
  mean: fc.constantFrom<Mean>("geometric", "arithmetic"),
  price: between(0.01, 100),
  move: between(-0.5, 1),
  blocks: fc.integer({ min: 1, max: 40 }),
  part: between(0, 1),
});
const countOf = (blocks: number, part: number) => Math.max(1, Math.round(blocks * part));

test("RISK-60: the window's mean with the spot in its bent blocks is the target", () => {
  fc.assert(
    fc.property(cases, ({ mean, price, move, blocks, part }) => {
      const manipulated = countOf(blocks, part);
      const target = price * (1 + move);
      const spot = spotForMean(mean, { price, target, blocks, manipulated });
      const prices = Array.from({ length: blocks }, (_, i) => (i < manipulated ? spot : price));
      const sum = prices.reduce((total, value) => total + (mean === "geometric" ? Math.log(value) : value), 0);
      if (spot > 0) expect((mean === "geometric" ? Math.exp(sum / blocks) : sum / blocks) / target).toBeCloseTo(1, 9);
      // Only an arithmetic mean has prices that no block can pull it down to.
      else expect(mean).toBe("arithmetic");
    }),
  );
});

test("RISK-62: a truncation that is never reached changes nothing", () => {
  fc.assert(
    fc.property(cases, ({ mean, price, move, blocks, part }) => {
      const manipulated = countOf(blocks, part);
      const target = price * (1 + move);
      const spot = spotForMean(mean, { price, target, blocks, manipulated });
      fc.pre(spot > 1e-9 && Math.abs(move) > 1e-6);
      const pattern = [
        { spot: "run" as const, blocks: manipulated },
        { spot: "fair" as const, blocks: blocks - manipulated },
      ];
      const truncated = spotForRecordedMean({ mean, price, maxLogMove: 1_000 }, pattern, target)!;
      expect(Math.log(truncated / spot)).toBeCloseTo(0, 6);
    }),
  );
});

test("RISK-62: with records that move by .1 a block, the price is bent for longer, and its record comes back as slowly", () => {
  const rule = { mean: "geometric", price: 2, maxLogMove: 0.1 } as const;
  const pattern = [
    { spot: "run" as const, blocks: 3 },
    { spot: "fair" as const, blocks: 7 },
  ];
  const at = (log: number) => ({ push: 0, run: 2 * Math.exp(log) });
  // Records rise by .1, .2, .3 and fall by .2, .1, 0: a sum of .9 of ten.
  expect(recordedMean(rule, pattern, at(5))).toBeCloseTo(2 * Math.exp(0.09), 12);
  expect(recordedMean(rule, pattern, at(-5))).toBeCloseTo(2 * Math.exp(-0.09), 12);
  expect(recordedMean(rule, pattern, at(0.15))).toBeCloseTo(2 * Math.exp(0.045), 12);
  expect(spotForRecordedMean(rule, pattern, 2 * Math.exp(0.045))).toBeCloseTo(2 * Math.exp(0.15), 12);
  expect(spotForRecordedMean(rule, pattern, 2 * Math.exp(0.0901))).toBeUndefined();
  expect(spotForRecordedMean(rule, pattern, 2 * Math.exp(-0.0901))).toBeUndefined();
});

test("RISK-62: the mean of truncated records is what recording block by block gives", () => {
  const stretch = fc.record({ spot: fc.constantFrom("push", "run", "fair"), blocks: fc.integer({ min: 1, max: 12 }) });
  fc.assert(
    fc.property(
      fc.array(stretch, { minLength: 1, maxLength: 6 }),
      fc.constantFrom<Mean>("geometric", "arithmetic"),
      between(0.01, 2),
      between(-5, 5),
      between(-5, 5),
      (stretches, mean, maxLogMove, push, run) => {
        let [record, sum] = [0, 0];
        const blocks = stretches.flatMap((one) =>
          Array.from({ length: one.blocks }, () => ({ fair: 0, push, run })[one.spot]),
        );
        for (const target of blocks) {
          record = Math.min(Math.max(target, record - maxLogMove), record + maxLogMove);
          sum += mean === "geometric" ? record : Math.exp(record);
        }
        const wanted = mean === "geometric" ? Math.exp(sum / blocks.length) : sum / blocks.length;
        const got = recordedMean({ mean, price: 3, maxLogMove }, stretches, {
          push: 3 * Math.exp(push),
          run: 3 * Math.exp(run),
        });
        expect(got / (3 * wanted)).toBeCloseTo(1, 9);
      },
    ),
  );
});
