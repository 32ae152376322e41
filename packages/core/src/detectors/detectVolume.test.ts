import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { emptyProfile, learnHour } from "../math/weekProfile.ts";
import { useDetector } from "../model/Detector.ts";
import { addr, type CaseBlock, type CaseTx, runDetector } from "../model/detectorCase.testkit.ts";
import { type Address, type Hex, toWord } from "../model/Hex.ts";
import type { Cells } from "../model/Memory.ts";
import { detectVolume } from "./detectVolume.ts";

const [perp, user] = [addr(0x1001), addr(0xbad)] as Address[];
const use = useDetector(detectVolume);
// A Thursday, as hour 0 of the Unix week is.
const start = 1_700_000_000 - (1_700_000_000 % 604_800);

const touch: CaseTx = { from: user!, to: perp! };
const hour = (i: number, count: number): CaseBlock => ({
  timestamp: start + 3_600 * i,
  txs: Array.from({ length: count }, () => touch),
});
/** Busy by day, quiet by night, with a little noise that no seed is needed for. */
const habit = (i: number) => (i % 24 >= 8 && i % 24 < 20 ? 20 : 4) + ((i * 7) % 3);
const weeks = (count: number) => Array.from({ length: count * 168 }, (_, i) => hour(i, habit(i)));
const learned: Cells = new Map();
runDetector(use, [perp!], weeks(3), learned);
const after = (blocks: readonly CaseBlock[], u = use) =>
  runDetector(u, [perp!], blocks, new Map(learned)).map((f) => f.map((x) => `${x.severity} ${x.key[1]}`));
const at = 3 * 168;

test("CAT-01: an hour of twenty times its habit is told within the hour, once it is clear", () => {
  const busy = Array.from(
    { length: 20 },
    (_, i): CaseBlock => ({ ...hour(at, 10), timestamp: start + 3_600 * at + 12 * i }),
  );
  const told = after(busy);
  expect(told.slice(0, 2).flat()).toEqual([]);
  expect(told.flat()[0]).toBe("low high");
  const [found] = runDetector(use, [perp!], busy, new Map(learned)).flat();
  const { residual, medianResidual, mad, z } = found!.evidence as unknown as Record<string, number>;
  expect((residual! - medianResidual!) / mad!).toBeCloseTo(z!, 3);
});

test("CAT-01: a busy day that falls silent is told when its hour is over", () => {
  const silent = [hour(at, habit(at)), ...[9, 10, 11].map((i) => hour(at + i, 0)), hour(at + 12, 20)];
  expect(after(silent).flat()).toContain("low low");
});

test("CAT-01 look-alike: the same habit goes on, at night and on a holiday of half the traffic", () => {
  expect(after(Array.from({ length: 168 }, (_, i) => hour(at + i, habit(i)))).flat()).toEqual([]);
  expect(after(Array.from({ length: 24 }, (_, i) => hour(at + i, Math.ceil(habit(i) / 2)))).flat()).toEqual([]);
});

test("CAT-01 evasion: what grows by a half each week is never told", () => {
  const cells: Cells = new Map();
  const grown = Array.from({ length: 8 * 168 }, (_, i) => hour(i, Math.round(4 * 1.5 ** Math.floor(i / 168))));
  expect(runDetector(use, [perp!], grown, cells).flat()).toEqual([]);
});

test("nothing is told before each hour was seen twice, nor after more than two weeks away", () => {
  expect(runDetector(use, [perp!], [...weeks(1), hour(168, 500)]).flat()).toEqual([]);
  expect(after([hour(at + 400, 500)]).flat()).toEqual([]);
  expect(after([hour(at + 48, 500)]).flat()).not.toEqual([]);
});

test("one transaction more at a contract that hardly has any is none", () => {
  const cells: Cells = new Map();
  runDetector(
    use,
    [perp!],
    Array.from({ length: 504 }, (_, i) => hour(i, i % 50 === 0 ? 1 : 0)),
    cells,
  );
  expect(runDetector(use, [perp!], [hour(505, 3)], cells).flat()).toEqual([]);
});

describe("the sum of an event's amount", () => {
  const topic: Hex = `0x${"ab".repeat(32)}`;
  const series = { name: "withdrawn", subject: perp!, emitter: perp!, topic, word: 0, decimals: 0 };
  const summing = useDetector(detectVolume, { series: [series] });
  const withdraw = (i: number, amount: bigint): CaseBlock => ({
    timestamp: start + 3_600 * i,
    txs: [{ from: user!, to: perp!, logs: [{ address: perp!, topics: [topic], data: `0x${toWord(amount)}` }] }],
  });

  test("is told as the count is", () => {
    const cells: Cells = new Map();
    runDetector(
      summing,
      [perp!],
      Array.from({ length: 504 }, (_, i) => withdraw(i, 1_000n + BigInt(i % 3))),
      cells,
    );
    expect(runDetector(summing, [perp!], [withdraw(504, 50_000n)], cells).flat()).toMatchObject([
      { severity: "medium", key: ["withdrawn", "high", expect.any(String)] },
    ]);
  });
});

test("a profile keeps 168 levels and at most two weeks of residuals, and its level lies within what it has seen", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 1_000 }), { minLength: 1, maxLength: 50 }), (values) => {
      let profile = emptyProfile;
      for (const value of values) profile = learnHour(profile, 5, value);
      const level = Math.expm1(profile.level[5]!);
      expect(level).toBeGreaterThanOrEqual(Math.min(...values) - 1e-6);
      expect(level).toBeLessThanOrEqual(Math.max(...values) + 1e-6);
      expect([profile.level.length, profile.seen[5]]).toEqual([168, values.length]);
    }),
  );
  let profile = emptyProfile;
  for (let i = 0; i < 1_000; i++) profile = learnHour(profile, i % 168, i);
  expect(profile.residuals).toHaveLength(336);
});
