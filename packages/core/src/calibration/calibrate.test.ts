import fc from "fast-check";
import { expect, test } from "vitest";
import type { BlockRef } from "../model/BlockBundle.ts";
import type { Hex } from "../model/Hex.ts";
import { ladderPpm } from "../model/Ladder.ts";
import { isIntact } from "../model/Record.ts";
import { type CalibrationInput, calibrate } from "./calibrate.ts";
import { calibrateFlows } from "./calibrateFlows.ts";
import { rateText } from "./measureRate.ts";
import { isAbove, pValueOf } from "./pValueOf.ts";
import { reportCalibration } from "./reportCalibration.ts";

const subject: Hex = `0x${"aa".repeat(20)}`;
const ref = (n: bigint): BlockRef => ({
  number: n,
  hash: `0x${n.toString(16).padStart(64, "0")}`,
  parentHash: `0x${(n - 1n).toString(16).padStart(64, "0")}`,
  timestamp: n * 12n,
});

function inputOf(scores: readonly number[], change: Partial<CalibrationInput> = {}): CalibrationInput {
  const transactions = scores.map((score, i) => ({
    timestamp: BigInt(i) * 100n,
    scores: score > 0 ? { drain: score } : ({} as Record<string, number>),
  }));
  return {
    chainId: 1,
    watched: [subject],
    range: { from: ref(1n), to: ref(9n) },
    data: `0x${"dd".repeat(32)}`,
    detectors: [{ id: "drain", version: "1.0.0" }],
    histories: [{ subject, transactions }],
    flows: [],
    cuts: [],
    ...change,
  };
}
const one = (scores: readonly number[]) => calibrate(inputOf(scores)).detectors[0]!;

test("CAL-01: a level is offered from just 1/b transactions on", () => {
  const offered = (count: number) =>
    one(new Array<number>(count).fill(0)).levels.flatMap((level) => (level.offered ? level.budgetPpm : []));
  expect(offered(9)).toEqual([]);
  expect(offered(10)).toEqual([100_000]);
  expect(offered(99)).toEqual([20_000, 50_000, 100_000]);
  expect(offered(100)).toContain(10_000);
  expect(offered(9_999)).not.toContain(100);
  expect(offered(10_000)).toEqual([...ladderPpm]);
});

test("CAL-02: the threshold is fitted on the oldest 70 %, where no more than the budget lies above it, and judged on the rest", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 100, maxLength: 600 }), (whole) => {
      const scores = whole.map((n) => n / 50);
      const cut = Math.floor(scores.length * 0.7);
      for (const level of one(scores).levels) {
        if (!level.offered) continue;
        const above = (list: readonly number[], limit: number) => list.filter((score) => score > limit).length;
        const { threshold, fitted, judged, budgetPpm } = level;
        expect([fitted.hits, fitted.trials]).toEqual([above(scores.slice(0, cut), threshold), cut]);
        expect([judged.hits, judged.trials]).toEqual([above(scores.slice(cut), threshold), scores.length - cut]);
        expect(fitted.hits).toBeLessThanOrEqual((cut * budgetPpm) / 1_000_000);
        // The next lower score that was seen would break the budget.
        const lower = scores.slice(0, cut).filter((score) => score < threshold);
        if (lower.length > 0)
          expect(above(scores.slice(0, cut), Math.max(...lower))).toBeGreaterThan((cut * budgetPpm) / 1_000_000);
        expect(judged.low <= judged.hits / judged.trials && judged.hits / judged.trials <= judged.high).toBe(true);
      }
    }),
    { numRuns: 60 },
  );
});

test("CAL-03: what an incident did is cut out before fitting, and listed", () => {
  const scores = Array.from({ length: 200 }, (_, i) => (i >= 50 && i < 60 ? 1 : 0));
  const cuts = [{ from: 5_000n, to: 5_999n, reason: "the drain of May" }];
  const cut = calibrate(inputOf(scores, { cuts }));
  expect(cut.cuts).toEqual([{ ...cuts[0], transactions: 10 }]);
  expect(cut.detectors[0]).toMatchObject({ transactions: 190, tail: [] });
  expect(one(scores).tail).toEqual([[1, 10]]);
  expect(reportCalibration(cut)).toContain(
    "Cut out 1970-01-01T01:23:20.000Z to 1970-01-01T01:39:59.000Z, 10 transactions: the drain of May",
  );
});

test("CAL-04: a flow limit is 1.2 times the worst fall within the window, of this contract and asset", () => {
  const changes = [
    { timestamp: 0n, net: 0n },
    { timestamp: 1_000n, net: -50n },
    { timestamp: 2_000n, net: -50n },
    { timestamp: 2_500n, net: 200n },
    { timestamp: 90_000n, net: -120n },
  ];
  expect(calibrateFlows({ subject, asset: "native", changes, heldAtEnd: 980n })).toEqual([
    {
      subject,
      asset: "native",
      windowSeconds: 3_600,
      maxBps: 1_091,
      peakBpsPerSecond: expect.any(Number),
      limitBps: 1_310,
    },
    {
      subject,
      asset: "native",
      windowSeconds: 86_400,
      maxBps: 1_091,
      peakBpsPerSecond: expect.any(Number),
      limitBps: 1_310,
    },
  ]);
  const quiet = calibrateFlows({ subject, asset: "native", changes: [{ timestamp: 0n, net: 5n }], heldAtEnd: 5n });
  expect(quiet.map(({ limitBps }) => limitBps)).toEqual([0, 0]);
});

test("CAL-04: no window of the history goes beyond its own limit, whatever the flows", () => {
  const flow = fc.record({ gap: fc.bigInt(1n, 9_000n), net: fc.bigInt(-400n, 400n) });
  fc.assert(
    fc.property(fc.array(flow, { minLength: 1, maxLength: 40 }), (steps) => {
      let timestamp = 0n;
      let held = 100_000n;
      const blocks = steps.map(({ gap, net }) => {
        timestamp += gap;
        held += net;
        return { timestamp, net, after: held };
      });
      const [hour] = calibrateFlows({ subject, asset: "x", changes: blocks, heldAtEnd: held });
      for (const [i, open] of blocks.entries())
        for (const later of blocks.slice(i)) {
          const before = open.after - open.net;
          const lost = before - later.after;
          if (later.timestamp - open.timestamp < 3_600n && lost > 0n)
            expect(Number((lost * 10_000n) / before)).toBeLessThanOrEqual(hour!.limitBps);
        }
    }),
  );
});

test("CAL-05: the same history gives the same artefact, another one another id, and a changed byte is found", () => {
  const scores = Array.from({ length: 300 }, (_, i) => (i % 37) / 37);
  const first = calibrate(inputOf(scores));
  expect(calibrate(inputOf(scores))).toEqual(first);
  expect(calibrate(inputOf(scores.slice(1))).id).not.toBe(first.id);
  expect(isIntact(first)).toBe(true);
  expect(isIntact({ ...first, chainId: 2 } as typeof first)).toBe(false);
});

test("CAL-06: none of N is told as at most 3/N and never as 0 %", () => {
  const lines = reportCalibration(calibrate(inputOf(new Array<number>(1_000).fill(0))));
  expect(lines.join("\n")).toContain("newest 30 %: none of 300, at most 1 % at 95 %");
  expect(lines.join("\n")).not.toMatch(/\b0 %/);
  expect(rateText({ hits: 0, trials: 3_445, low: 0, high: 0.001 })).toBe("none of 3445, at most 0.087 % at 95 %");
});

test("CAL-07: the report holds what the pages and alerts would be against what people can bear", () => {
  const scores = Array.from({ length: 4_000 }, (_, i) => (i % 500 === 499 ? 1 : 0));
  const lines = reportCalibration(calibrate(inputOf(scores)));
  expect(lines.at(-2)).toMatch(
    /^Pages in 30 days by this: none of 1200 transactions, at most \d+ at 95 %, which does not/,
  );
  expect(lines.at(-1)).toMatch(/^Alerts a day by this: 2\.2, beyond the budget of 1$/);
});

test("CAL-06, CAL-07: no page in a short history is no promise of none, and the history is called short", () => {
  const serviceOf = (count: number, seconds: bigint) => {
    const range = { from: { ...ref(1n), timestamp: 0n }, to: { ...ref(9n), timestamp: seconds } };
    const lines = reportCalibration(calibrate(inputOf(new Array<number>(count).fill(0), { range })));
    return [...lines.filter((line) => line.startsWith("WARNING")), ...lines.slice(-2)];
  };
  expect(serviceOf(100, 600n)).toEqual([
    "WARNING: the range is short, 10 min: what comes once a week is not in it. Give a few weeks.",
    "Pages in 30 days by this: none of 30 transactions, at most 43000 at 95 %, which does not show that the budget of 1 holds",
    "Alerts a day by this: none of 30 transactions, at most 1400 at 95 %, which does not show that the budget of 1 holds",
  ]);
  expect(serviceOf(9, 86_400n * 8n)).toEqual([
    "Pages in 30 days by this: not known, the range holds too few transactions",
    "Alerts a day by this: not known, the range holds too few transactions",
  ]);
  expect(serviceOf(100, 86_400n * 300n)).toEqual([
    "Pages in 30 days by this: none of 30 transactions, at most 1 at 95 %, within the budget of 1",
    "Alerts a day by this: none of 30 transactions, at most 0.033 at 95 %, within the budget of 1",
  ]);
});

test("behavior: a p-value counts what scored as much in N transactions, and is never 0; thinning only makes it larger", () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 300, maxLength: 900 }), (scores) => {
      const entry = one(scores);
      expect(entry.tail.length).toBeLessThanOrEqual(256);
      for (const score of [...scores.slice(0, 20), 0.5, 2]) {
        const exact = (1 + scores.filter((s) => s > 0 && s >= score).length) / (1 + scores.length);
        const p = pValueOf(entry, score);
        expect(p).toBeGreaterThanOrEqual(exact);
        expect(p).toBeLessThanOrEqual(1);
        if (new Set(scores).size <= 256) expect(p).toBe(exact);
      }
    }),
    { numRuns: 40 },
  );
  expect(pValueOf(one(new Array<number>(999).fill(0)), 0.4)).toBe(0.001);
});

test("behavior: where a budget is not offered the next larger one is what counts", () => {
  const entry = one(Array.from({ length: 1_000 }, (_, i) => (i % 100 === 7 ? 0.5 : 0)));
  expect(entry.levels[0]).toMatchObject({ budgetPpm: 100, offered: false, needs: 10_000 });
  expect([isAbove(entry, 100, 0.5), isAbove(entry, 100, 0.6), isAbove(entry, 10_000, 0.5)]).toEqual([
    false,
    true,
    true,
  ]);
});

test("behavior: detectors that fire together are known to, and nothing is claimed of one that never did", () => {
  const transactions = Array.from({ length: 100 }, (_, i) => ({
    timestamp: BigInt(i),
    scores: (i % 10 === 0 ? { a: 1, b: 0.5 } : {}) as Record<string, number>,
  }));
  const detectors = ["a", "b", "c"].map((id) => ({ id, version: "1.0.0" }));
  const { correlations } = calibrate(inputOf([], { detectors, histories: [{ subject, transactions }] }));
  expect(correlations).toEqual([["a", "b", expect.closeTo(1, 9)]]);
});
