import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { publicInfrastructure } from "../model/ActorCluster.ts";
import { useDetector } from "../model/Detector.ts";
import {
  addr,
  type CaseBlock,
  type CaseTx,
  frame,
  runDetector,
  topicOf,
  transferLog,
} from "../model/detectorCase.testkit.ts";
import type { Address } from "../model/Hex.ts";
import { detectOracleFrontrun } from "./detectOracleFrontrun.ts";

const [perp, feed, usd, eth, keeper, thief, bot, trader] = [1, 2, 3, 4, 5, 6, 7, 8].map((n) =>
  addr(0x1000 + n),
) as Address[];
const use = useDetector(detectOracleFrontrun, { oracles: [feed!] });

/** `from` pays `paid` of `usd` to the perp through `via` and takes `taken` out. */
const deal = (from: Address, paid: bigint, taken: bigint, via = perp!): CaseTx => ({
  from,
  to: via,
  logs: [
    ...(paid > 0n ? [transferLog(usd!, from, perp!, paid)] : []),
    ...(taken > 0n ? [transferLog(usd!, perp!, from, taken)] : []),
  ],
  trace: frame({ from, to: via, calls: via === perp ? [] : [frame({ from: via, to: perp! })] }),
});
const update: CaseTx = {
  from: keeper!,
  to: feed!,
  logs: [{ address: feed!, topics: [topicOf(1n)], data: "0x" }],
  trace: frame({ from: keeper!, to: feed! }),
};
const block = (txs: readonly CaseTx[], timestamp = 1_700_000_000): CaseBlock => ({ txs, timestamp });
const run = (...blocks: CaseBlock[]) => runDetector(use, [perp!], blocks).map((f) => f.map((x) => x.severity));
const around = [deal(thief!, 100n, 0n), update, deal(thief!, 0n, 130n)];

test("CAT-01: opened right before an update and closed right after, again and again: low, medium from the third, high from the sixth", () => {
  const blocks = Array.from({ length: 6 }, (_, i) => block(around, 1_700_000_000 + 60 * i));
  expect(run(...blocks).flat()).toEqual(["low", "low", "medium", "medium", "medium", "high"]);
  const [, , third] = runDetector(use, [perp!], blocks);
  expect(third).toMatchObject([
    { subject: perp, addresses: [thief], evidence: { between: "update", gain: 30n, gainAsset: usd, pairs: 3 } },
  ]);
});

test("CAT-01: a victim between two legs of one actor counts as well", () => {
  const found = runDetector(
    use,
    [perp!],
    [block([deal(thief!, 100n, 0n), deal(trader!, 50n, 0n), deal(thief!, 0n, 105n)])],
  );
  expect(found).toMatchObject([[{ severity: "low", evidence: { between: "victim" } }]]);
});

describe("CAT-01 look-alikes", () => {
  test("a pair without gain, one across blocks, one with nothing between, one an hour later", () => {
    expect(run(block([deal(thief!, 100n, 0n), update, deal(thief!, 0n, 100n)]))).toEqual([[]]);
    expect(run(block([deal(thief!, 100n, 0n), update]), block([deal(thief!, 0n, 130n)]))).toEqual([[], []]);
    expect(run(block([deal(thief!, 100n, 0n), deal(thief!, 0n, 130n)]))).toEqual([[]]);
    const far = Array.from({ length: 5 }, (_, i) => block(around, 1_700_000_000 + 3_600 * i));
    expect(run(...far).flat()).toEqual(["low", "low", "low", "low", "low"]);
  });

  test("two traders who share a router are no one actor", () => {
    const router = [...publicInfrastructure][0]!;
    expect(run(block([deal(trader!, 100n, 0n, router), update, deal(bot!, 0n, 130n, router)]))).toEqual([[]]);
  });

  test("CAT-04: a keeper who posts and executes others' orders, and a liquidator after an update, are no pair", () => {
    const order = (owner: Address, paid: bigint, taken: bigint): CaseTx => ({
      from: keeper!,
      to: perp!,
      logs: [
        ...(paid > 0n ? [transferLog(usd!, owner, perp!, paid)] : []),
        ...(taken > 0n ? [transferLog(usd!, perp!, owner, taken)] : []),
      ],
      trace: frame({ from: keeper!, to: perp! }),
    });
    fc.assert(
      fc.property(fc.bigInt(1n, 1_000n), fc.bigInt(1n, 1_000n), (paid, taken) => {
        expect(run(block([order(trader!, paid, 0n), update, order(bot!, 0n, taken)]))).toEqual([[]]);
        expect(run(block([update, deal(bot!, 0n, taken)]))).toEqual([[]]);
        // A liquidator's bundle: update and liquidation, twice in a block, paid for in another asset.
        const liquidation: CaseTx = {
          from: bot!,
          to: perp!,
          logs: [transferLog(eth!, bot!, perp!, paid), transferLog(usd!, perp!, bot!, taken)],
          trace: frame({ from: bot!, to: perp! }),
        };
        expect(run(block([liquidation, update, liquidation]))).toEqual([[]]);
      }),
    );
  });
});

test("CAT-01 evasion: a second sender and contract for the second leg is another actor", () => {
  expect(run(block([deal(thief!, 100n, 0n), update, deal(bot!, 0n, 130n)]))).toEqual([[]]);
});

test("the memory keeps the last 512 pairs", () => {
  const cells = new Map();
  const blocks = Array.from({ length: 520 }, (_, i) => block(around, 1_700_000_000 + i));
  runDetector(use, [perp!], blocks, cells);
  expect(cells.get(`oracle-frontrun/pairs:${perp}`)).toHaveLength(512);
});
