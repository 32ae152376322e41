import type { Hex } from "@testudo/core/model/Hex";
import type { PendingTx } from "@testudo/core/model/PendingTx";
import { expect, test } from "vitest";
import { openPendingPool } from "./PendingPool.ts";
import { openPendingQueue } from "./PendingQueue.ts";

const txOf = (n: number, tipWei: bigint, given: Partial<PendingTx> = {}): PendingTx => ({
  ...{ hash: `0x${n.toString(16).padStart(64, "0")}`, from: `0x${n.toString(16).padStart(40, "0")}` },
  ...{ to: `0x${"aa".repeat(20)}`, value: 0n, input: "0x" as Hex, nonce: 0, gas: 100_000n, source: "test" },
  ...{ maxFeePerGas: 100n, maxPriorityFeePerGas: tipWei, ...given },
});

function open(most = 10) {
  const pool = openPendingPool();
  const queue = openPendingQueue(most, pool);
  const numbers = new Map<Hex, number>();
  return {
    ...{ queue, pool },
    add(n: number, tipWei: bigint, given: Partial<PendingTx> = {}, done?: () => void) {
      const tx = txOf(n, tipWei, given);
      numbers.set(tx.hash, n);
      pool.add(tx);
      return queue.add(tx, done);
    },
    order: () => Array.from({ length: queue.size }, () => numbers.get(queue.take()!.tx.hash)),
  };
}

test("PRE-08: what a block takes first is judged first, whatever was shown before it", () => {
  const { add, order } = open();
  for (const [n, tip] of [
    [1, 1n],
    [2, 5n],
    [3, 5n],
    [4, 9n],
  ] as const)
    add(n, tip);
  expect(order()).toEqual([4, 2, 3, 1]);
});

test("PRE-08: what no block may take at the base fee comes last, however much it offers", () => {
  const { queue, add, order } = open();
  add(1, 19n, { maxFeePerGas: 19n });
  add(2, 2n, { maxFeePerGas: 40n });
  queue.reprice(20n);
  expect(order()).toEqual([2, 1]);
});

test("PRE-08: what waits behind its sender's cheap one counts for no more, unless that was replaced", () => {
  const from = `0x${"e1".repeat(20)}` as const;
  const flood = open(100);
  flood.add(1, 0n, { from, nonce: 0 });
  for (let n = 2; n < 40; n++) flood.add(n, 50n, { from, nonce: n });
  flood.add(99, 2n);
  expect(flood.order()[0]).toBe(99);

  const bumped = open();
  bumped.add(1, 0n, { from, nonce: 0 });
  bumped.add(2, 50n, { from, nonce: 0 });
  bumped.add(3, 50n, { from, nonce: 1 });
  bumped.add(4, 2n);
  expect(bumped.order()).toEqual([2, 3, 4, 1]);
});

test("PRE-08: a replacement moves what its sender has behind it, and of one nonce what pays the block more counts", () => {
  const from = `0x${"e1".repeat(20)}` as const;
  const { queue, add, order } = open(100);
  queue.reprice(20n);
  // No block may take any of these.
  for (let n = 10; n < 20; n++) add(n, 1n, { maxFeePerGas: 19n });
  add(1, 0n, { from, maxFeePerGas: 10n });
  add(2, 50n, { from, nonce: 1 });
  add(3, 50n, { from, maxFeePerGas: 90n });
  // The highest price of the nonce, and nothing of it for the block.
  add(4, 0n, { from });
  expect(order().slice(0, 2)).toEqual([2, 3]);
});

test("PRE-08: a full queue drops what pays least, and says so", () => {
  const { add, order } = open(3);
  expect([add(1, 1n), add(2, 3n), add(3, 2n)]).toEqual([true, true, true]);
  expect(add(4, 1n)).toBe(false);
  expect(add(5, 9n)).toBe(false);
  expect(order()).toEqual([5, 2, 3]);
});

test("PRE-01: what somebody waits for comes before the pool, and is never dropped", () => {
  const { add, order } = open(2);
  add(1, 9n);
  add(2, 8n);
  expect(add(3, 1n, {}, () => undefined)).toBe(true);
  expect(order()).toEqual([3, 1, 2]);
});

test("PRE-08: what waits to be judged fills no more memory where all of it is as large as nodes take", () => {
  const { queue, add, order } = open(5_000);
  const input: Hex = `0x${"00".repeat(128 * 1_024)}`;
  const isAdded = Array.from({ length: 1_500 }, (_, i) => add(i, BigInt(i), { input, maxFeePerGas: 10_000n }));
  expect([queue.size, isAdded[0], isAdded.at(-1)]).toEqual([1_023, true, false]);
  expect(order()[0]).toBe(1_499);
});

test("PRE-08: what one node shows, however dear, pushes out nothing that another shows, nor is all of it judged before", () => {
  const { add, order } = open(20);
  expect(add(1, 5n, { source: "honest" })).toBe(true);
  for (let n = 100; n < 200; n++) add(n, 50n, { source: "liar" });
  expect(add(2, 4n, { source: "honest" })).toBe(false);
  const places = order();
  expect(places.length).toBe(20);
  expect(places.slice(0, 4).filter((n) => n! < 100)).toEqual([1, 2]);
});

test("PRE-08: what one node shows, however large, pushes out nothing that another shows", () => {
  const { add, order } = open(100);
  for (let n = 1; n <= 40; n++) add(n, 1n, { source: "honest" });
  const input: Hex = `0x${"00".repeat(8 * 2 ** 20)}`;
  for (let n = 100; n < 140; n++) add(n, 50n, { source: "liar", input });
  const places = order();
  expect(places.filter((n) => n! < 100).length).toBe(40);
  // As many as there is room for.
  expect(places.length).toBe(40 + 15);
});

test("PRE-08: what another node shows too is in no share of the one that showed it first", () => {
  const { queue, pool, add, order } = open(20);
  for (const n of [1, 2, 3]) add(n, 5n, { source: "liar" });
  queue.noteShown(txOf(1, 5n).hash, "honest");
  queue.noteShown(txOf(2, 5n).hash, "liar");
  // Known of before it waits, as on a later head.
  pool.add(txOf(4, 5n, { source: "liar" }));
  pool.noteShown(txOf(4, 5n).hash, "honest");
  add(4, 5n, { source: "liar" });
  for (let n = 100; n < 200; n++) add(n, 50n, { source: "liar" });
  const places = order();
  expect(places.length).toBe(20);
  expect(places.filter((n) => n! < 100)).toEqual([1, 4]);
  expect(places.slice(0, 4)).toEqual(expect.arrayContaining([1, 4]));
});
