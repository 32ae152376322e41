import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { twapOf } from "../math/twap.ts";
import { useDetector } from "../model/Detector.ts";
import { addr, type CaseBlock, frame, runDetector, word } from "../model/detectorCase.testkit.ts";
import { detectOracleDeviation } from "./detectOracleDeviation.ts";

const [vault, feed, second, third] = [addr(0x1001), addr(0xfe), addr(0xf1), addr(0xf2)];
const reading = (to: string) => ({ to, data: "0x50d25bcd", decimals: 8, word: 0 });
const watched = {
  name: "ETH/USD",
  subject: vault,
  feed: reading(feed),
  references: [reading(second), reading(third)],
  twapSeconds: 0,
  maxDeviation: 0.02,
};
const use = useDetector(detectOracleDeviation, { feeds: [watched] });
const thief = addr(0xbad);
const hexOf = (price: number) =>
  `0x${BigInt(Math.round(price * 1e8))
    .toString(16)
    .padStart(64, "0")}` as const;
const at = (timestamp: number, price: number | null, references: readonly number[] = []): CaseBlock => ({
  timestamp,
  state: (r) => {
    const value = r.kind !== "call" ? undefined : r.to === feed ? price : references[r.to === second ? 0 : 1];
    return value === undefined || value === null
      ? undefined
      : word(BigInt.asUintN(256, BigInt(Math.round(value * 1e8))));
  },
});
const kinds = (blocks: readonly CaseBlock[], u = use) =>
  runDetector(u, [vault], blocks).map((l) => l.map((f) => (f.evidence as { kind: string }).kind));

test("tells a feed that is off the median of its references, and no other", () => {
  expect(kinds([at(1, 100, [100, 101])])).toEqual([[]]);
  expect(runDetector(use, [vault], [at(1, 100, [110, 111])])[0]).toMatchObject([
    { severity: "high", subject: vault, key: ["ETH/USD", "deviation"], evidence: { reference: 110.5 } },
  ]);
  expect(kinds([at(1, 100, [])])).toEqual([[]]);
});

test("tells a feed without an answer, and one that answers zero or less", () => {
  expect(kinds([at(1, null), at(2, 0), at(3, -5)])).toEqual([["unusable"], ["unusable"], ["unusable"]]);
});

describe("what a feed answered within a transaction", () => {
  const answered = (price: number, from = vault, fails = false): CaseBlock => {
    const asked = frame({
      from,
      to: feed,
      input: "0x50d25bcd",
      output: hexOf(price),
      ...(fails ? { error: "reverted" } : {}),
    });
    const trace = frame({ from: thief, to: from, calls: [asked] });
    return { ...at(1, 100, [100, 100]), txs: [{ from: thief, to: from, trace }] };
  };
  test("CAT-01: a price that is back at the end of its block is told where a protected address asked for it", () => {
    expect(kinds([answered(103)])).toEqual([["asked"]]);
    expect(runDetector(use, [vault], [answered(97)])[0]).toMatchObject([
      { severity: "high", evidence: { price: 97, references: [100, 100], maxDeviation: 0.02 } },
    ]);
  });
  test("CAT-01 look-alike: a price within the limit, one that a stranger asked for, one in a call that failed", () => {
    expect(kinds([answered(101.9), answered(120, thief), answered(120, vault, true)])).toEqual([[], [], []]);
  });
});

test("its own mean over time is a reference", () => {
  const own = useDetector(detectOracleDeviation, { feeds: [{ ...watched, references: [], twapSeconds: 600 }] });
  const steady = Array.from({ length: 70 }, (_, i) => at(1_000 + 12 * i, i < 65 ? 100 : 103));
  const found = kinds(steady, own);
  expect(found.slice(0, 65).flat()).toEqual([]);
  expect(found[65]).toContain("deviation");
});

const habit = Array.from({ length: 40 }, (_, i) => at(1_000 + 60 * i, 100 * (1 + 0.001 * (i % 2))));

test("tells a jump out of habit, not the habit itself, and time widens what is usual", () => {
  expect(kinds(habit).flat()).toEqual([]);
  expect(kinds([...habit, at(1_000 + 60 * 40, 103)])[40]).toEqual(["jump"]);
  expect(kinds([...habit, at(1_000 + 60 * 39 + 60 * 900, 103)])[40]).toEqual([]);
});

test("a feed that stands still between updates keeps its habit", () => {
  const still = habit.flatMap((b) => [
    b,
    { ...b, timestamp: b.timestamp! + 12 },
    { ...b, timestamp: b.timestamp! + 24 },
  ]);
  expect(kinds(still).flat()).toEqual([]);
});

test("error: an unknown or malformed parameter is refused", () => {
  expect(() => useDetector(detectOracleDeviation, { feeds: [{ ...watched, maxDeviation: -1 }] })).toThrow();
  expect(() => useDetector(detectOracleDeviation, { sigmas: 3 } as object)).toThrow();
});

test("the deviation is told exactly above its limit", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1_000, max: 1_000_000 }), fc.integer({ min: -900, max: 900 }), (base, mille) => {
      fc.pre(Math.abs(Math.abs(mille) - 20) > 1);
      const price = base * (1 + mille / 1000);
      expect(kinds([at(1, price, [base, base])])[0]!.length).toBe(Math.abs(mille) > 20 ? 1 : 0);
    }),
  );
});

test("a time-weighted mean lies between the least and the greatest price", () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0.01, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 20 }),
      (prices) => {
        const samples = prices.map((p, i) => [i * 10, p] as const);
        const mean = twapOf(samples, prices.length * 10, prices.length * 10)!;
        expect(mean).toBeGreaterThanOrEqual(Math.min(...prices) * (1 - 1e-9));
        expect(mean).toBeLessThanOrEqual(Math.max(...prices) * (1 + 1e-9));
      },
    ),
  );
});
