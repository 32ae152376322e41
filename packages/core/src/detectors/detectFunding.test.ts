import fc from "fast-check";
import { expect, test } from "vitest";
import { type PlainBlock, runPlain, wad } from "../model/plainProtocol.testkit.ts";
import { detectFunding } from "./detectFunding.ts";

const rate = (perDay: number, more: Partial<PlainBlock> = {}): PlainBlock => ({
  funding: { rate: wad(perDay) },
  ...more,
});
const calm = Array.from({ length: 30 }, (_, i) => rate(0.0003 * (1 + (i % 3))));
const told = (blocks: readonly PlainBlock[], i = blocks.length - 1) =>
  runPlain(detectFunding, blocks)[i]!.map((f) => `${(f.evidence as { kind: string }).kind} ${f.severity}`);

test("DERIV-11, CAT-01: a rate out of its habit is told, one within it is not", () => {
  expect(told([...calm, rate(0.05)])).toEqual(["rate medium"]);
  expect(told([...calm, rate(-0.5)])).toEqual(["rate high"]);
  expect(told([...calm, rate(0.015)])).toEqual([]);
  expect(runPlain(detectFunding, calm).flat()).toEqual([]);
});

test("DERIV-11: a premium of 1e70 is told as a broken identity and out of habit", () => {
  const huge = 10n ** 88n;
  const funding = (cumulative: bigint, perDay = wad(0.0003)) => ({ rate: perDay, cumulative });
  const before = calm.map((block) => ({ ...block, funding: funding(5n * 10n ** 15n) }));
  const bounds = { least: 10n ** 12n, most: 2n * 10n ** 12n };
  const at = (cumulative: bigint, perDay?: bigint): PlainBlock => ({ bounds, funding: funding(cumulative, perDay) });
  expect(told([...before, at(5n * 10n ** 15n + 15n * 10n ** 11n)])).toEqual([]);
  expect(told([...before, at(huge, huge)])).toEqual(["rate high", "identity critical"]);
});

test("DERIV-11: the identity is told exactly outside its bounds and their roundings", () => {
  const big = fc.bigInt(-(10n ** 24n), 10n ** 24n);
  fc.assert(
    fc.property(big, fc.bigInt(0n, 10n ** 20n), fc.bigInt(-(10n ** 21n), 10n ** 21n), (least, width, off) => {
      const most = least + width;
      const moved = least + off;
      const largest = [least, most].map((x) => (x < 0n ? -x : x)).reduce((a, b) => (a > b ? a : b));
      const slack = 2n + largest / 10n ** 9n;
      // Within a unit of the edge both answers are right.
      fc.pre([least - slack, most + slack].every((edge) => (moved > edge ? moved - edge : edge - moved) > 2n));
      const blocks = [0n, moved].map((cumulative) => ({ bounds: { least, most }, funding: { rate: 0n, cumulative } }));
      expect(told(blocks).length).toBe(moved < least - slack || moved > most + slack ? 1 : 0);
    }),
  );
});

test("DERIV-11: a rate at its cap is told after eight periods without a break, not before, and a break begins anew", () => {
  const cap = wad(0.001);
  const hours = (list: readonly number[], broken: number | undefined = undefined) =>
    list.map((hour) => ({ at: 3_600 * hour, funding: { rate: hour === broken ? 0n : -cap, cap } }));
  const upTo = (n: number) => Array.from({ length: n }, (_, i) => i);
  expect(told(hours(upTo(8)))).toEqual([]);
  expect(told(hours(upTo(9)))).toEqual(["cap medium"]);
  expect(told(hours(upTo(12), 4))).toEqual([]);
});

test("a market without funding or history says nothing", () => {
  expect(runPlain(detectFunding, [{}, {}]).flat()).toEqual([]);
  expect(told([rate(9)])).toEqual([]);
});
