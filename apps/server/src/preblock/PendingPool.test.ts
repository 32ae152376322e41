import type { Hex } from "@testudo/core/model/Hex";
import type { PendingTx } from "@testudo/core/model/PendingTx";
import { expect, test } from "vitest";
import { openPendingPool } from "./PendingPool.ts";

const of = (n: number, given: Partial<PendingTx> = {}): PendingTx => ({
  ...{ hash: `0x${n.toString(16).padStart(64, "0")}`, from: `0x${n.toString(16).padStart(40, "0")}` },
  ...{ to: `0x${"aa".repeat(20)}`, value: 0n, input: "0x" as Hex, nonce: 0, gas: 100_000n, source: "test", ...given },
});

test("PRE-08: a flood pushes out nothing that was found harmful, whether it was noted before or after", () => {
  const pool = openPendingPool();
  const [early, late] = [of(1), of(2)];
  for (const tx of [early, late]) pool.add(tx);
  pool.noteRun(early, true);
  for (let n = 10; n < 6_000; n++) pool.add(of(n));
  pool.noteRun(late, false);
  expect([pool.size, pool.get(early.hash), pool.get(late.hash)]).toEqual([5_000, early, late]);
});

test("PRE-08: a flood pushes out nothing that a harmful one needs before it", () => {
  const pool = openPendingPool();
  const from = `0x${"e1".repeat(20)}` as const;
  const [before, theft] = [of(1, { from }), of(2, { from, nonce: 1 })];
  for (const tx of [before, theft]) pool.add(tx);
  pool.noteRun(theft, false);
  for (let n = 10; n < 6_000; n++) pool.add(of(n));
  expect(pool.before(theft)).toEqual([before]);
});

test("PRE-08: where all are harmful the oldest goes, so that the memory has an end", () => {
  const pool = openPendingPool();
  for (let n = 0; n < 5_010; n++) pool.noteRun(of(n), true);
  expect([pool.size, pool.get(of(0).hash)]).toEqual([5_000, undefined]);
});

test("PRE-08: what waits fills no more memory where all of it is as large as nodes take", () => {
  const pool = openPendingPool();
  const theft = of(1);
  pool.noteRun(theft, true);
  const input: Hex = `0x${"00".repeat(128 * 1_024)}`;
  for (let n = 10; n < 3_000; n++) pool.add(of(n, { input }));
  expect([pool.size, pool.get(theft.hash)]).toEqual([1_024, theft]);
  pool.noteRun(of(2_999, { input }), true);
  pool.settle(of(2_999).from, 1n);
  for (let n = 3_000; n < 3_010; n++) pool.add(of(n));
  expect(pool.size).toBe(1_033);
});

test("PRE-01: of two with one nonce the one that pays more goes before, whichever was shown last", () => {
  const from = `0x${"e1".repeat(20)}` as const;
  const dear = of(1, { from, maxFeePerGas: 30n, maxPriorityFeePerGas: 3n });
  const cheap = of(2, { from, maxFeePerGas: 20n, maxPriorityFeePerGas: 2n });
  const attack = of(3, { from, nonce: 1 });
  for (const shown of [
    [dear, cheap],
    [cheap, dear],
  ]) {
    const pool = openPendingPool();
    for (const tx of [...shown, attack]) pool.add(tx);
    expect(pool.before(attack)).toEqual([dear]);
    expect(pool.line(from)).toEqual([cheap, dear, attack]);
  }
});

test("what is used up is forgotten, and its sender's rest stays", () => {
  const pool = openPendingPool();
  const from = `0x${"e1".repeat(20)}` as const;
  const [one, two] = [of(1, { from }), of(2, { from, nonce: 1 })];
  for (const tx of [one, two]) pool.add(tx);
  pool.settle(from, 1n);
  expect([pool.line(from), pool.get(one.hash)]).toEqual([[two], undefined]);
  pool.settle(from, 2n);
  expect([pool.line(from), pool.size]).toEqual([[], 0]);
});

test("PRE-08: of one nonce those that pay most are kept, and what does harm", () => {
  const pool = openPendingPool();
  const from = `0x${"e1".repeat(20)}` as const;
  const all = Array.from({ length: 20 }, (_, i) => of(i, { from, gasPrice: BigInt(10 + i) }));
  pool.add(all[0]!);
  pool.noteRun(all[0]!, true);
  for (const tx of all.slice(1)) pool.add(tx);
  expect(pool.line(from)).toEqual([all[0], ...all.slice(-3)]);
  expect(pool.size).toBe(4);
});

test("PRE-08: of one nonce those go that pay less by both prices, so that what pays the block is not pushed out by what pays it nothing", () => {
  const pool = openPendingPool();
  const from = `0x${"e1".repeat(20)}` as const;
  const pays = of(1, { from, maxFeePerGas: 100n, maxPriorityFeePerGas: 50n });
  // As another node takes them, each in place of the one before.
  const others = Array.from({ length: 6 }, (_, i) =>
    of(2 + i, { from, maxFeePerGas: 120n + 20n * BigInt(i), maxPriorityFeePerGas: BigInt(i) }),
  );
  for (const tx of [pays, ...others]) pool.add(tx);
  expect(pool.line(from)).toEqual([pays, ...others.slice(-3)]);
});

test("PRE-01: of two with one nonce the one goes before that pays the block more at the base fee, whatever it may pay at most", () => {
  const pool = openPendingPool();
  const from = `0x${"e1".repeat(20)}` as const;
  const pays = of(1, { from, maxFeePerGas: 100n, maxPriorityFeePerGas: 50n });
  const offers = of(2, { from, maxFeePerGas: 130n, maxPriorityFeePerGas: 0n });
  const attack = of(3, { from, nonce: 1 });
  for (const tx of [pays, offers, attack]) pool.add(tx);
  expect(pool.before(attack)).toEqual([pays]);
  pool.reprice(110n);
  expect(pool.before(attack)).toEqual([offers]);
});
