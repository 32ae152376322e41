import { expect, test } from "vitest";
import { type PlainBlock, plainTrade, runPlain } from "../model/plainProtocol.testkit.ts";
import { detectOrderFlow } from "./detectOrderFlow.ts";

const block = (...sizes: readonly number[]): PlainBlock => ({
  txs: sizes.map((size, i) => ({ events: [plainTrade(i + 1, size)] })),
});
// A generator whose low bits are no better than a coin's, so that sides are.
function coin(seed: number): () => number {
  let x = seed | 1;
  return () => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return (x & 64) === 0 ? 1 : -1;
  };
}
const fair = (count: number, seed = 11): PlainBlock[] => {
  const side = coin(seed);
  return Array.from({ length: count }, () => block(side(), side(), side(), side()));
};

test("DERIV-09, CAT-01: takers of one side are told, takers by chance are not, over many chances", () => {
  for (let seed = 1; seed <= 25; seed++) expect(runPlain(detectOrderFlow, fair(150, seed * 97)).flat()).toEqual([]);
  const herd = Array.from({ length: 70 }, () => block(1, 1, 1, 1));
  const found = runPlain(detectOrderFlow, [...fair(100), ...herd]).at(-1)!;
  expect(found).toMatchObject([{ severity: "medium", score: 1, evidence: { vpin: 1, imbalance: 1, bucketVolume: 5 } }]);
});

test("DERIV-09: one account that makes the flow is high, and sales of all are told like purchases", () => {
  const alone = Array.from({ length: 70 }, () => ({ txs: [{ events: [plainTrade(1, -4)] }] }));
  expect(runPlain(detectOrderFlow, [...fair(100), ...alone]).at(-1)!).toMatchObject([
    { severity: "high", evidence: { imbalance: -1 } },
  ]);
});

test("CAT-04: one large order is no flow, and liquidations are nobody's wish", () => {
  expect(runPlain(detectOrderFlow, [...fair(150), block(100_000)]).at(-1)!).toEqual([]);
  const forced = Array.from({ length: 100 }, (_, i) => ({
    txs: [{ events: Array.from({ length: 4 }, () => plainTrade(i, -1, 100, "liquidation")) }],
  }));
  expect(runPlain(detectOrderFlow, [...fair(150), ...forced]).flat()).toEqual([]);
});

test("DERIV-09: nothing is told before the buckets are full, and a set size is kept to", () => {
  expect(
    runPlain(
      detectOrderFlow,
      Array.from({ length: 60 }, () => block(1, 1, 1, 1)),
    ).flat(),
  ).toEqual([]);
  const sized = runPlain(
    detectOrderFlow,
    Array.from({ length: 13 }, () => block(1, 1, 1, 1)),
    { bucketVolume: 1 },
  );
  expect(sized.map((found) => found.length)).toEqual([...Array.from({ length: 12 }, () => 0), 1]);
});
