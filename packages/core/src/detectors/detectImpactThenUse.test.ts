import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { zeroAddress } from "../model/Asset.ts";
import { useDetector } from "../model/Detector.ts";
import {
  addr,
  type CaseBlock,
  type CaseLog,
  frame,
  runDetector,
  topicOf,
  transferLog,
  viewsOf,
} from "../model/detectorCase.testkit.ts";
import { type Address, toWord } from "../model/Hex.ts";
import { topic } from "../model/KnownSignature.ts";
import { priceMovesOf } from "../model/SpotPrice.ts";
import { detectImpactThenUse } from "./detectImpactThenUse.ts";

const [vault, user, contract, stranger, pool, usd] = [
  addr(0x1001),
  addr(0xbad),
  addr(0xbad1),
  addr(0x57),
  addr(0x9001),
  addr(0x701),
];
const use = useDetector(detectImpactThenUse);
const words = (...list: bigint[]) => `0x${list.map((w) => toWord(BigInt.asUintN(256, w))).join("")}` as const;

/** A v3 swap from price `before` to `after` (token1 per token0) in liquidity 1e18. */
const swapV3 = (before: number, after: number, at = pool): CaseLog => {
  const sqrt = (p: number) => BigInt(Math.round(Math.sqrt(p) * 2 ** 48)) << 48n;
  const amount1 = ((sqrt(after) - sqrt(before)) * 10n ** 18n) / (1n << 96n);
  return {
    address: at,
    topics: [topic.swapV3, topicOf(user), topicOf(user)],
    data: words(-1n, amount1, sqrt(after), 10n ** 18n, 0n),
  };
};
const pump = frame({ from: contract, to: pool, input: "0x128acb08" });
const borrow = frame({ from: contract, to: vault, input: "0xc5ebeaec" });
const trace = (...calls: ReturnType<typeof frame>[]) => frame({ from: user, to: contract, calls });
const run = (blocks: readonly CaseBlock[], u = use) => runDetector(u, [vault], blocks);
const tx = (logs: readonly CaseLog[], tree: ReturnType<typeof frame>, from = user): CaseBlock => ({
  txs: [{ from, to: tree.to, logs, trace: tree }],
});
const paid = transferLog(usd, vault, contract, 5n);

describe("within one transaction", () => {
  test("a pump before a borrow that pays is high, one that does not medium", () => {
    expect(run([tx([swapV3(1, 1.1), paid], trace(pump, borrow))])[0]).toMatchObject([
      { severity: "high", subject: vault, evidence: { lost: [usd] } },
    ]);
    expect(run([tx([swapV3(1, 1.1)], trace(pump, borrow))])[0]).toMatchObject([{ severity: "medium" }]);
  });

  test("a borrow before the swap, a small move, or a swap made by the vault's own call is none", () => {
    expect(run([tx([paid, swapV3(1, 1.1)], trace(borrow, pump))])[0]).toEqual([]);
    expect(run([tx([swapV3(1, 1.02), paid], trace(pump, borrow))])[0]).toEqual([]);
    const trade = frame({ from: contract, to: vault, calls: [frame({ from: vault, to: pool, input: "0x128acb08" })] });
    expect(run([tx([swapV3(1, 1.1), paid], trace(trade))])[0]).toEqual([]);
  });

  test("a move cut into many small swaps is seen whole, and its reversal noted", () => {
    const logs = [swapV3(1, 1.02), swapV3(1.02, 1.04), paid, swapV3(1.04, 1)];
    expect(run([tx(logs, trace(pump, borrow, pump))])[0]).toMatchObject([
      { severity: "high", evidence: { inside: [{ pool, reversed: true }] } },
    ]);
  });

  test("what is redeemed one for one is no loss at any price, what is redeemed for more is", () => {
    const redeem = (burned: bigint) => [swapV3(1, 1.1), paid, transferLog(vault, contract, zeroAddress, burned)];
    expect(run([tx(redeem(5n), trace(pump, borrow))])[0]).toMatchObject([
      { severity: "medium", evidence: { lost: [] } },
    ]);
    expect(run([tx(redeem(4n), trace(pump, borrow))])[0]).toMatchObject([{ severity: "high" }]);
  });

  test("a payment that answers the vault's own call is no use, a call by way of the actors is", () => {
    const answered = (by: Address) => {
      const back = frame({ from: by, to: vault });
      const callsOut = [
        frame({ from: vault, to: pool, input: "0x128acb08" }),
        frame({ from: vault, to: by, calls: [back] }),
      ];
      return run([tx([swapV3(1, 1.1), paid], trace(frame({ from: contract, to: vault, calls: callsOut })))])[0];
    };
    expect(answered(usd)).toEqual([]);
    expect(answered(contract)).toMatchObject([{ severity: "high" }]);
  });

  test("without a trace the order of events stands in, at medium", () => {
    const log: CaseLog = { address: vault, topics: [topicOf(1n)], data: "0x" };
    expect(run([{ txs: [{ from: user, to: contract, logs: [swapV3(1, 1.1), paid, log] }] }])[0]).toMatchObject([
      { severity: "medium" },
    ]);
    expect(run([{ txs: [{ from: user, to: contract, logs: [log, swapV3(1, 1.1)] }] }])[0]).toEqual([]);
  });
});

describe("across blocks", () => {
  const moved = tx([swapV3(1, 1.1)], trace(pump));
  const used = (from = user, via = contract) => tx([paid], frame({ from, to: via, calls: [borrow] }), from);
  const idle: CaseBlock = {};

  test("the same actors within two blocks are told, later or others are not", () => {
    expect(run([moved, used()])[1]).toMatchObject([{ severity: "high", evidence: { before: [{ pool, block: 100 }] } }]);
    expect(run([moved, idle, used()])[2]).toHaveLength(1);
    expect(run([moved, idle, idle, used()])[3]).toEqual([]);
    expect(run([moved, used(stranger, addr(0x58))])[1]).toEqual([]);
  });

  test("only the named uses count, where they are named", () => {
    const named = (selector: string) => useDetector(detectImpactThenUse, { uses: [selector] });
    expect(run([moved, used()], named("0xc5ebeaec"))[1]).toHaveLength(1);
    expect(run([moved, used()], named("0x12345678"))[1]).toEqual([]);
  });
});

test("prices before and after follow from v2 and v3 events alone", () => {
  const sync: CaseLog = { address: pool, topics: [topic.syncV2], data: words(1100n, 910n) };
  const swap: CaseLog = {
    address: pool,
    topics: [topic.swapV2, topicOf(user), topicOf(user)],
    data: words(100n, 0n, 0n, 90n),
  };
  const [v2] = priceMovesOf(viewsOf({ txs: [{ logs: [sync, swap] }] })[0]!.logs);
  expect(v2?.before).toBeCloseTo(Math.log(1000 / 1000), 9);
  expect(v2?.after).toBeCloseTo(Math.log(910 / 1100), 9);
  fc.assert(
    fc.property(
      fc.double({ min: 1e-3, max: 1e3, noNaN: true }),
      fc.double({ min: 0.5, max: 2, noNaN: true }),
      (price, factor) => {
        const [v3] = priceMovesOf(viewsOf({ txs: [{ logs: [swapV3(price, price * factor)] }] })[0]!.logs);
        expect(v3?.before).toBeCloseTo(Math.log(price), 4);
        expect(v3?.after).toBeCloseTo(Math.log(price * factor), 4);
      },
    ),
  );
});

test("error: malformed pool events never throw", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(topic.syncV2, topic.swapV2, topic.swapV3),
      fc.array(fc.bigInt(0n, (1n << 256n) - 1n), { maxLength: 6 }),
      (kind, list) => {
        const sync: CaseLog = { address: pool, topics: [topic.syncV2], data: words(5n, 7n) };
        const [view] = viewsOf({ txs: [{ logs: [sync, { address: pool, topics: [kind], data: words(...list) }] }] });
        for (const move of priceMovesOf(view!.logs)) expect(Number.isFinite(move.after - move.before)).toBe(true);
      },
    ),
  );
});
