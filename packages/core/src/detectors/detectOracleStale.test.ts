import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { useDetector } from "../model/Detector.ts";
import { addr, type CaseBlock, runDetector } from "../model/detectorCase.testkit.ts";
import { type Hex, toWord } from "../model/Hex.ts";
import { detectOracleStale } from "./detectOracleStale.ts";
import { calibrateHeartbeat } from "./oracleStale/calibrateHeartbeat.ts";

const [perp, feed, sequencer] = [addr(0x1001), addr(0xfeed), addr(0x5e9)];
const watched = { name: "ETH/USD", subject: perp, feed, heartbeatSeconds: 3_600 };
const use = useDetector(detectOracleStale, { feeds: [watched] });
const start = 1_700_000_000;

interface Round {
  readonly round: bigint;
  readonly answer?: bigint;
  readonly updatedAt: number;
  readonly answeredIn?: bigint;
}

const wordsOf = (...words: bigint[]): Hex => `0x${words.map((w) => toWord(BigInt.asUintN(256, w))).join("")}`;
const at = (
  timestamp: number,
  { round, answer = 2_000n, updatedAt, answeredIn = round }: Round,
  up = 0,
): CaseBlock => ({
  timestamp,
  state: (r) => {
    if (r.kind !== "call") return undefined;
    const value =
      r.to === feed
        ? wordsOf(round, answer, BigInt(updatedAt), BigInt(updatedAt), answeredIn)
        : wordsOf(1n, up === 0 ? 1n : 0n, BigInt(up || 1), 0n, 1n);
    return { ok: true, value };
  },
});
const kinds = (blocks: readonly CaseBlock[], u = use) =>
  runDetector(u, [perp], blocks).map((found) => found.map((f) => `${f.severity} ${f.evidence.kind}`));

test("CAT-01: a feed that has stopped is told a tenth of its heartbeat after it was due, as high at twice that", () => {
  const one = { round: 5n, updatedAt: start };
  expect(kinds([at(start + 3_960, one), at(start + 3_961, one), at(start + 7_921, one)])).toEqual([
    [],
    ["medium stale"],
    ["high stale"],
  ]);
});

test("CAT-01 look-alike: a calm feed that speaks at its heartbeat alone raises nothing", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 3_960 }), { minLength: 1, maxLength: 20 }), (gaps) => {
      let updatedAt = start;
      const blocks = gaps.map((gap, i) => {
        const block = at(updatedAt + gap, { round: BigInt(i), updatedAt });
        updatedAt += gap;
        return block;
      });
      expect(kinds(blocks).flat()).toEqual([]);
    }),
  );
});

test("CAT-01 evasion: an old price with a new time is no stale one", () => {
  const blocks = [0, 1, 2].map((i) => at(start + i * 3_600, { round: BigInt(i), updatedAt: start + i * 3_600 }));
  expect(kinds(blocks)).toEqual([[], [], []]);
});

describe("what a feed may not say", () => {
  test("zero, less than zero, an earlier round, a round told twice with two times, an answer of an earlier round", () => {
    const now = start + 10;
    expect(kinds([at(now, { round: 1n, updatedAt: start, answer: 0n })])).toEqual([["high value"]]);
    expect(kinds([at(now, { round: 1n, updatedAt: start, answer: -1n })])).toEqual([["high value"]]);
    expect(kinds([at(now, { round: 2n, updatedAt: start }), at(now, { round: 1n, updatedAt: start })])[1]).toEqual([
      "high round",
    ]);
    expect(kinds([at(now, { round: 2n, updatedAt: start }), at(now, { round: 2n, updatedAt: start + 5 })])[1]).toEqual([
      "high round",
    ]);
    expect(kinds([at(now, { round: 2n, updatedAt: start, answeredIn: 1n })])).toEqual([["medium answered"]]);
    expect(kinds([at(start, { round: 2n, updatedAt: start + 61 })])).toEqual([["high future"]]);
  });

  test("nothing at all", () => {
    expect(kinds([{ timestamp: start }])).toEqual([["high unread"]]);
    expect(kinds([{ timestamp: start, state: () => ({ ok: true, value: "0x12" }) }])).toEqual([["high unread"]]);
  });
});

test("a sequencer that is down is told, and for its grace after it is up again", () => {
  const rollup = useDetector(detectOracleStale, {
    feeds: [{ ...watched, sequencer: { feed: sequencer, graceSeconds: 3_600 } }],
  });
  const one = { round: 1n, updatedAt: start };
  expect(kinds([at(start, one)], rollup)).toEqual([["high sequencer"]]);
  expect(kinds([at(start + 3_599, one, start)], rollup)).toEqual([["medium grace"]]);
  expect(kinds([at(start + 3_600, one, start)], rollup)).toEqual([[]]);
});

test("a price of another make counts by two readings", () => {
  const reading = (word: number) => ({ to: feed, data: "0x01", decimals: 0, word });
  const other = useDetector(detectOracleStale, {
    feeds: [{ ...watched, feed: { value: reading(0), updatedAt: reading(1) } }],
  });
  const say = (value: bigint, updatedAt: number): CaseBlock => ({
    timestamp: start + 4_000,
    state: () => ({ ok: true, value: wordsOf(value, BigInt(updatedAt)) }),
  });
  expect(kinds([say(5n, start), say(5n, start + 100), say(0n, start + 100)], other)).toEqual([
    ["medium stale"],
    [],
    ["high value"],
  ]);
});

test("a price adapter's time is in the low end of its second word, and its fault above", () => {
  const own = useDetector(detectOracleStale, { feeds: [{ ...watched, feed: { adapter: feed } }] });
  const say = (price: bigint, confidenceBps: bigint, fault: bigint): CaseBlock => ({
    timestamp: start + 4_000,
    state: () => ({ ok: true, value: wordsOf(price, BigInt(start) | (confidenceBps << 40n) | (fault << 56n)) }),
  });
  expect(kinds([say(1n, 9n, 0n)], own)).toEqual([["medium stale"]]);
  expect(kinds([{ ...say(1n, 9n, 3n), timestamp: start }], own)).toEqual([["high fault"]]);
  expect(kinds([{ ...say(0n, 0n, 0n), timestamp: start }], own)).toEqual([["high value"]]);
});

test("CAT-03: the evidence holds age and limit", () => {
  const found = runDetector(use, [perp], [at(start + 5_000, { round: 1n, updatedAt: start })])[0]?.[0];
  expect(found?.evidence).toEqual({
    kind: "stale",
    feed: "ETH/USD",
    heartbeatSeconds: 3_600,
    limitSeconds: 3_960,
    value: 2_000,
    updatedAt: start,
    now: start + 5_000,
  });
});

test("a heartbeat is calibrated to 1.2 times the longest gap, from 20 gaps on", () => {
  const times = Array.from({ length: 21 }, (_, i) => i * 100);
  expect(calibrateHeartbeat(times)).toBe(120);
  expect(calibrateHeartbeat([...times, 2_500])).toBe(600);
  expect(calibrateHeartbeat(times.slice(1))).toBeUndefined();
});
