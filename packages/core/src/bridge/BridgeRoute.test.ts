import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { arriveByRoute, bridgeDelay } from "./BridgeRoute.ts";

const path = new URL("../../../../contracts/test/vectors/bridge.json", import.meta.url);
const rows = (JSON.parse(readFileSync(path, "utf8")).arrivals.rows as string[][]).map((row) => row.map(BigInt));
const tiers = [
  { aboveBps: 2_500n, delay: 3_600n },
  { aboveBps: 5_000n, delay: 21_600n },
  { aboveBps: 9_000n, delay: 86_400n },
];

test("BRIDGE-04, BRIDGE-05: every arrival of the shared vectors holds", () => {
  expect(rows.length).toBe(320);
  for (const row of rows) {
    const [cap, window, used, last, now, amount, a0, d0, a1, d1, a2, d2, passes, levelOrOver, delay] = row as bigint[];
    const given = [
      { aboveBps: a0!, delay: d0! },
      { aboveBps: a1!, delay: d1! },
      { aboveBps: a2!, delay: d2! },
    ];
    const bucket = { used: used!, last: last!, cap: cap!, window: window! };
    const want = passes ? { passes: true, level: levelOrOver, delay } : { passes: false, over: levelOrOver };
    expect(arriveByRoute(bucket, given, amount!, now!)).toEqual(want);
  }
});

test("BRIDGE-05: figures by hand: a route of 1,000 a day, 300 of it used", () => {
  const bucket = { used: 300n, last: 0n, cap: 1_000n, window: 86_400n };
  expect(arriveByRoute(bucket, tiers, 199n, 0n)).toEqual({ passes: true, level: 499n, delay: 3_600n });
  expect(arriveByRoute(bucket, tiers, 200n, 0n)).toEqual({ passes: true, level: 500n, delay: 21_600n });
  expect(arriveByRoute(bucket, tiers, 701n, 0n)).toEqual({ passes: false, over: 1n });
  // 1,000 * 8,640 / 86,400 = 100 refilled.
  expect(arriveByRoute(bucket, tiers, 49n, 8_640n)).toEqual({ passes: true, level: 249n, delay: 0n });
  expect(bridgeDelay(1_000n, 1_000n, tiers)).toBe(86_400n);
  expect(bridgeDelay(1_000n, 1_000n, [])).toBe(0n);
});

test("BRIDGE-04: what arrives in any time t is at most cap + cap * t / window", () => {
  const anyStep = fc.record({ wait: fc.bigInt(0n, 86_400n), amount: fc.bigInt(1n, 2n ** 64n) });
  fc.assert(
    fc.property(fc.bigInt(1n, 2n ** 64n), fc.bigInt(1n, 604_800n), fc.array(anyStep), (cap, window, steps) => {
      let bucket = { used: 0n, last: 0n, cap, window };
      let sum = 0n;
      const marks = [{ now: 0n, sum }];
      for (const { wait, amount } of steps) {
        const now = bucket.last + wait;
        const arrival = arriveByRoute(bucket, tiers, amount % (cap + 1n), now);
        if (!arrival.passes) continue;
        bucket = { ...bucket, used: arrival.level, last: now };
        sum += amount % (cap + 1n);
        marks.push({ now, sum });
        for (const mark of marks) expect((sum - mark.sum) * window <= cap * window + cap * (now - mark.now)).toBe(true);
      }
    }),
  );
});

test("BRIDGE-05: a higher level never waits less", () => {
  fc.assert(
    fc.property(fc.bigInt(0n, 10_000n), fc.bigInt(0n, 10_000n), (a, b) => {
      const [low, high] = a < b ? [a, b] : [b, a];
      expect(bridgeDelay(low, 10_000n, tiers) <= bridgeDelay(high, 10_000n, tiers)).toBe(true);
    }),
  );
});
