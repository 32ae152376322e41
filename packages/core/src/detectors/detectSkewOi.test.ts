import fc from "fast-check";
import { expect, test } from "vitest";
import { addr } from "../model/detectorCase.testkit.ts";
import { type PlainBlock, plainTrade, runPlain } from "../model/plainProtocol.testkit.ts";
import { detectSkewOi } from "./detectSkewOi.ts";

/** A block in which each of `sizes` is held, by accounts 1, 2, …, all of whom trade in it. */
const held = (sizes: readonly number[], more: Partial<PlainBlock> = {}): PlainBlock => ({
  accounts: Object.fromEntries(sizes.map((size, i) => [i + 1, { size, collateral: 1 }])),
  txs: [{ events: sizes.map((size, i) => plainTrade(i + 1, size)) }],
  ...more,
});
const last = (...blocks: readonly PlainBlock[]) => runPlain(detectSkewOi, blocks).at(-1)!;
const fair = [4, -5, 3, -4, 5, -3, 4, -4, 1, -1];

test("DERIV-10, CAT-01: one side in few hands is high, many on both sides nothing", () => {
  expect(last(held(fair))).toEqual([]);
  const [found] = last(held(fair), held([200, ...fair]));
  expect(found).toMatchObject({ severity: "high", subject: addr(0x1001), addresses: [addr(1)] });
  expect(found!.evidence).toMatchObject({ holders: 11, long: 217, short: 17 });
});

test("DERIV-10: more open than the market's depth is told by itself", () => {
  expect(last(held(fair, { depth: 1_701 }))).toEqual([]);
  expect(last(held(fair, { depth: 1_699 }))).toMatchObject([{ severity: "medium" }]);
});

test("CAT-04: at the genesis of a market its first holders are all of it, and nothing is told", () => {
  expect(last(held([50]))).toEqual([]);
  const nine = [500, ...Array.from({ length: 8 }, () => 10)];
  expect(last(held(nine, { depth: 1 }))).toEqual([]);
  expect(last(held(nine), held([...nine, 10]))).toMatchObject([{ severity: "medium" }]);
  expect(last(held([...nine, 10]), held(nine))).toMatchObject([{ severity: "medium" }]);
});

test("DERIV-10: sides of the protocol's own go before those summed over accounts", () => {
  expect(last(held(fair, { long: 95, short: 5 }))).toMatchObject([{ severity: "medium", evidence: { skew: 0.9 } }]);
});

test("DERIV-10: the measures are those of the sizes, in any order", () => {
  const size = fc.integer({ min: -50, max: 50 }).filter((x) => x !== 0);
  fc.assert(
    fc.property(fc.array(size, { minLength: 10, maxLength: 16 }), (sizes) => {
      const [long, short] = [1, -1].map((s) => sizes.reduce((sum, x) => sum + Math.max(0, s * x), 0)) as [
        number,
        number,
      ];
      const all = long + short;
      const concentration = sizes.reduce((sum, x) => sum + (x / all) ** 2, 0);
      const skew = Math.abs(long - short) / all;
      const twoSided = sizes.some((x) => x < 0);
      fc.pre(Math.abs(skew - 0.8) > 1e-9 && Math.abs(concentration - 0.25) > 1e-9);
      const expected = (twoSided && skew > 0.8 ? 1 : 0) + (concentration > 0.25 ? 1 : 0);
      const found = last(held(sizes));
      expect(found.map((f) => f.severity)).toEqual(expected === 0 ? [] : [expected > 1 ? "high" : "medium"]);
      if (found.length > 0) {
        expect(found[0]!.evidence.herfindahl).toBeCloseTo(concentration, 5);
        expect(found[0]!.evidence.skew).toBeCloseTo(skew, 5);
      }
    }),
  );
});
