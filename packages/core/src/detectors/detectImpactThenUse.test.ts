import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { zeroAddress } from "../model/Asset.ts";
import { benignFrame, benignLogs, setInto, surroundings } from "../model/benignFrames.testkit.ts";
import { useDetector } from "../model/Detector.ts";
import {
  addr,
  type CaseBlock,
  type CaseLog,
  type CaseTx,
  frame,
  runDetector,
  topicOf,
  transferLog,
  viewsOf,
} from "../model/detectorCase.testkit.ts";
import { type Address, type Hex, toWord, wordAt } from "../model/Hex.ts";
import { topic } from "../model/KnownSignature.ts";
import { priceMovesOf } from "../signs/SpotPrice.ts";
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
/** A v4 swap tells what the swapper paid, and which of the manager's pools it was. */
const swapV4 = (before: number, after: number, id = 1n): CaseLog => {
  const { data } = swapV3(before, after);
  const [amount1, ...rest] = [1, 2, 3, 4].map((i) => wordAt(data, i)!);
  return {
    address: pool,
    topics: [topic.swapV4, topicOf(id), topicOf(user)],
    data: words(1n, -BigInt.asIntN(256, amount1!), ...rest, 3_000n),
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

  test("a borrow within a v3 pool's callback comes after the price has moved, paying the pool is no use", () => {
    const within = (callback: Hex, ...calls: ReturnType<typeof frame>[]) =>
      trace(
        frame({
          from: contract,
          to: pool,
          input: "0x128acb08",
          calls: [frame({ from: pool, to: contract, input: callback, calls })],
        }),
      );
    const told = (tree: ReturnType<typeof frame>) => run([tx([paid, swapV3(1, 1.1)], tree)])[0]!.map((f) => f.severity);
    expect(told(within("0xfa461e33", borrow))).toEqual(["high"]);
    expect(told(within("0x23a69e75", borrow))).toEqual(["high"]);
    // A v2 pool moves its price after its callback; what is not a callback at all is the pool's own business.
    expect(told(within("0x10d1e85c", borrow))).toEqual([]);
    const pay = (input: Hex) => frame({ from: contract, to: vault, input });
    expect(told(within("0xfa461e33", pay(`0xa9059cbb${toWord(pool)}${toWord(1n)}`)))).toEqual([]);
    expect(told(within("0xfa461e33", pay(`0x23b872dd${toWord(user)}${toWord(pool)}${toWord(1n)}`)))).toEqual([]);
    expect(told(within("0xfa461e33", pay("0xd0e30db0")))).toEqual([]);
    expect(told(within("0xfa461e33", pay(`0xa9059cbb${toWord(contract)}${toWord(1n)}`)))).toEqual(["high"]);
    const own = frame({ from: pool, to: vault, input: "0xfa461e33" });
    expect(told(trace(frame({ from: contract, to: pool, input: "0x128acb08", calls: [own] })))).toEqual([]);
  });

  test("where the tracer gives logs, the swap that passed the limit is the one that counts", () => {
    const swap = (log: CaseLog) => frame({ from: contract, to: pool, input: "0x128acb08", logs: [log] });
    const [small, large] = [swapV3(1, 1.01), swapV3(1.01, 1.1)];
    expect(run([tx([small, paid, large], trace(swap(small), borrow, swap(large)))])[0]).toEqual([]);
    expect(run([tx([small, large, paid], trace(swap(small), swap(large), borrow))])[0]).toHaveLength(1);
  });

  test("a swap inside a singleton that is still unlocked is over before the use", () => {
    const event = { ...swapV4(1, 1.1), address: pool };
    const swap = frame({ from: contract, to: pool, input: "0xf3cd914c" });
    const unlocked = (...calls: ReturnType<typeof frame>[]) =>
      trace(
        frame({
          from: contract,
          to: pool,
          input: "0x48c89491",
          calls: [frame({ from: pool, to: contract, input: "0x91dd7346", calls })],
        }),
      );
    expect(run([tx([event, paid], unlocked(swap, borrow))])[0]).toMatchObject([{ severity: "high" }]);
    expect(run([tx([paid, event], unlocked(borrow, swap))])[0]).toEqual([]);
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

  test.each([
    ["a stranger's", stranger, 1.2],
    ["the sender's own", user, 1.02],
  ])("a move is not drowned in forged events of %s", (_, from, price) => {
    const forged = Array.from({ length: 1_500 }, (__, i) => swapV4(1, price, BigInt(1_000 + i)));
    const noise = { from, to: addr(0x58), logs: forged, trace: frame({ from, to: addr(0x58) }) };
    const [moved] = tx([swapV3(1, 1.1)], trace(pump)).txs!;
    const blocks = [{ txs: [moved!, noise] }, tx([paid], trace(borrow))];
    expect(run(blocks)[1]).toMatchObject([{ severity: "high", subject: vault }]);
  });

  test("many small moves by one sender add up, in one block and within two, and what was taken back is gone", () => {
    const small = (i: number, by = 1.01) => tx([swapV3(by ** i, by ** (i + 1))], trace(pump)).txs![0]!;
    const use1 = used().txs![0]!;
    const four = [0, 1, 2, 3].map((i) => small(i));
    expect(run([{ txs: [...four, use1] }])[0]).toMatchObject([
      { severity: "high", evidence: { before: [{ pool, txs: 4 }] } },
    ]);
    expect(run([{ txs: four.slice(0, 2) }, { txs: four.slice(2) }, { txs: [use1] }])[2]).toHaveLength(1);
    expect(run([{ txs: four.slice(0, 2) }, idle, { txs: four.slice(2) }, { txs: [use1] }])[3]).toEqual([]);
    expect(run([{ txs: [...four.slice(0, 2), use1] }])[0]).toEqual([]);
    const back = [small(0), small(1), small(2, 1 / 1.01), small(2, 1 / 1.01), small(0), small(1), use1];
    expect(run([{ txs: back }])[0]).toEqual([]);
    const rest = tx([swapV3(1.02, 1.04), paid], trace(pump, borrow)).txs![0]!;
    expect(run([{ txs: [...four.slice(0, 2), rest] }])[0]).toMatchObject([{ severity: "high" }]);
  });

  test("small moves of strangers who share an old contract do not add up, through a new one they do", () => {
    const four = [0, 1, 2, 3].map(
      (i) => tx([swapV3(1.01 ** i, 1.01 ** (i + 1))], trace(pump), addr(0x60 + i)).txs![0]!,
    );
    const deploy = {
      txs: [{ from: user, to: null, trace: frame({ type: "CREATE" as const, from: user, to: contract }) }],
    };
    const block = { txs: [...four, used(stranger).txs![0]!] };
    expect(run([block])[0]).toEqual([]);
    expect(run([deploy, block])[1]).toMatchObject([{ severity: "high" }]);
  });

  test("only the named uses count, where they are named", () => {
    const named = (selector: string) => useDetector(detectImpactThenUse, { uses: [selector] });
    expect(run([moved, used()], named("0xc5ebeaec"))[1]).toHaveLength(1);
    expect(run([moved, used()], named("0x12345678"))[1]).toEqual([]);
  });
});

test("Pancake v3, Uniswap v4 and Solidly pools tell their price, and the pools of one v4 manager are kept apart", () => {
  const told = (logs: readonly CaseLog[]) => run([tx([...logs, paid], trace(pump, borrow))])[0]!.map((f) => f.severity);
  const v3 = swapV3(1, 1.1);
  const pancake = {
    ...v3,
    topics: [topic.swapPancakeV3, ...v3.topics.slice(1)],
    data: `${v3.data}${toWord(0n)}` as Hex,
  };
  expect(told([pancake])).toEqual(["high"]);
  expect(told([swapV4(1, 1.1)])).toEqual(["high"]);
  expect(told([swapV4(1, 1.02, 1n), swapV4(1, 1.02, 2n)])).toEqual([]);
  expect(told([swapV4(1, 1.02, 1n), swapV4(1.02, 1.04, 1n)])).toEqual(["high"]);
  const solidly = (kind: Hex, ...swapped: bigint[]): CaseLog[] => [
    { address: pool, topics: [topic.syncSolidly], data: words(1100n, 909n) },
    { address: pool, topics: [kind, topicOf(user), topicOf(user)], data: words(...swapped) },
  ];
  expect(told(solidly(topic.swapV2, 100n, 0n, 0n, 91n))).toEqual(["high"]);
  expect(told(solidly(topic.swapSolidly, 100n, 0n, 0n, 91n))).toEqual(["high"]);
});

test("a stable Solidly pool's price follows its own curve, whatever the decimals", () => {
  fc.assert(
    fc.property(
      fc.double({ min: -0.6, max: 0.6, noNaN: true }),
      fc.double({ min: 0.02, max: 0.4, noNaN: true }),
      fc.constantFrom(6, 8, 18),
      fc.constantFrom(6, 18),
      (u, step, d0, d1) => {
        // Points of x³y + xy³ = 2 with y/x = e^u, and the price there.
        const point = (t: number) => {
          const x = (2 / (Math.exp(t) * (1 + Math.exp(2 * t)))) ** 0.25;
          return [x, x * Math.exp(t)] as const;
        };
        const priceAt = (t: number) => t + Math.log((3 + Math.exp(2 * t)) / (1 + 3 * Math.exp(2 * t)));
        const scaled = (t: number) =>
          point(t).map((v, i) => BigInt(Math.round(v * 1e15)) * 10n ** BigInt((i === 0 ? d0 : d1) - 6)) as [
            bigint,
            bigint,
          ];
        const [before, after] = [scaled(u), scaled(u + step)];
        const logs: CaseLog[] = [
          { address: pool, topics: [topic.syncSolidly], data: words(...after) },
          { address: pool, topics: [topic.swapV2], data: words(0n, after[1] - before[1], before[0] - after[0], 0n) },
        ];
        const [move] = priceMovesOf(viewsOf({ txs: [{ logs }] })[0]!.logs);
        expect(move!.after - move!.before).toBeCloseTo(priceAt(u + step) - priceAt(u), 3);
      },
    ),
  );
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
      fc.constantFrom(...Object.values(topic).filter((kind) => kind !== topic.transfer)),
      fc.array(fc.bigInt(0n, (1n << 256n) - 1n), { maxLength: 6 }),
      (kind, list) => {
        const sync: CaseLog = { address: pool, topics: [topic.syncV2], data: words(5n, 7n) };
        const solidly: CaseLog = { address: pool, topics: [topic.syncSolidly], data: words(...list) };
        const [view] = viewsOf({
          txs: [{ logs: [sync, solidly, { address: pool, topics: [kind], data: words(...list) }] }],
        });
        for (const move of priceMovesOf(view!.logs)) expect(Number.isFinite(move.after - move.before)).toBe(true);
      },
    ),
  );
});

describe("whatever lies around it", () => {
  const size = fc.double({ min: 0.035, max: 3, noNaN: true });
  const cuts = fc.integer({ min: 1, max: 12 });
  /** A move by `factor` in `n` equal swaps, up or down. */
  const swapsOf = (factor: number, n: number): CaseLog[] =>
    Array.from({ length: n }, (_, i) => swapV3(factor ** (i / n), factor ** ((i + 1) / n)));
  const factorOf = (share: number, isUp: boolean) => (isUp ? 1 + share : 1 / (1 + share));

  test("a move of any size beyond the limit, in any number of swaps, before a use at any depth is high", () => {
    fc.assert(
      fc.property(size, cuts, fc.boolean(), surroundings, benignLogs, (share, n, isUp, around, noise) => {
        const logs = [...noise, ...swapsOf(factorOf(share, isUp), n), paid];
        const tree = setInto(around, user, contract, [...Array(n).fill(pump), borrow]);
        expect(run([tx(logs, tree)])[0]).toMatchObject([
          { severity: "high", subject: vault, evidence: { lost: [usd] } },
        ]);
      }),
    );
  });

  test("the same in as many transactions, spread over three blocks", () => {
    fc.assert(
      fc.property(size, cuts, fc.boolean(), fc.array(fc.integer({ min: 0, max: 2 })), (share, n, isUp, places) => {
        const blocks: CaseTx[][] = [[], [], []];
        const order = Array.from({ length: n }, (_, i) => places[i] ?? 2).sort();
        swapsOf(factorOf(share, isUp), n).forEach(
          (log, i) => void blocks[order[i]!]!.push(tx([log], trace(pump)).txs![0]!),
        );
        blocks[2]!.push(tx([paid], trace(borrow)).txs![0]!);
        // What stays below a tenth of the limit in its block is not carried on.
        fc.pre(Math.log1p(share) / n > Math.log1p(0.03) / 10);
        expect(run(blocks.map((txs) => ({ txs })))[2]!.map((f) => f.severity)).toEqual(["high"]);
      }),
    );
  });

  test("a smaller move, a use before it, or a move by strangers is none", () => {
    const small = fc.double({ min: 0, max: 0.0299, noNaN: true });
    fc.assert(
      fc.property(small, size, cuts, surroundings, fc.array(benignFrame), (share, large, n, around, calls) => {
        const pumps = Array(n).fill(pump);
        const little = tx([...swapsOf(1 + share, n), paid], setInto(around, user, contract, [...pumps, borrow]));
        expect(run([little])[0]).toEqual([]);
        const late = tx(
          [paid, ...swapsOf(1 + large, n)],
          setInto(around, user, contract, [borrow, ...calls, ...pumps]),
        );
        expect(run([late])[0]).toEqual([]);
        const theirs = tx(swapsOf(1 + large, n), frame({ from: stranger, to: addr(0x58), calls: [pump] }), stranger);
        expect(run([theirs, tx([paid], setInto(around, user, contract, [borrow]))])[1]).toEqual([]);
      }),
    );
  });
});
