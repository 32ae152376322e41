import { expect, test } from "vitest";
import { openWordsAhead } from "./openWordsAhead.ts";

/** Misses words in a row from `first`, each of which nobody fetched; how many are fetched each time. */
function follow(first: bigint, times: number): number[] {
  const ahead = openWordsAhead();
  const counts: number[] = [];
  let next = first;
  for (let i = 0; i < times; i++) {
    const keys = ahead.from("0xa", next);
    expect(keys).toEqual(keys.map((_, k) => BigInt.asUintN(256, next + BigInt(k))));
    counts.push(keys.length);
    next = BigInt.asUintN(256, next + BigInt(keys.length));
  }
  return counts;
}

test("LAB-36: of words in a row more are fetched each time, 64 at most, past the last word of storage too", () => {
  expect(follow(7n, 9)).toEqual([1, 2, 4, 8, 16, 32, 64, 64, 64]);
  expect(follow((1n << 256n) - 2n, 3)).toEqual([1, 2, 4]);
});

test("LAB-36: a word elsewhere, or at another address, is fetched alone, and rows go on beside each other", () => {
  const ahead = openWordsAhead();
  expect(ahead.from("0xa", 1n)).toEqual([1n]);
  expect(ahead.from("0xb", 2n)).toEqual([2n]);
  expect(ahead.from("0xa", 9n)).toEqual([9n]);
  expect(ahead.from("0xa", 2n)).toEqual([2n, 3n]);
  expect(ahead.from("0xa", 10n)).toEqual([10n, 11n]);
});

test("LAB-36: however many rows are begun, only the newest are followed", () => {
  const ahead = openWordsAhead();
  for (let i = 0n; i < 300n; i++) ahead.from("0xa", i * 1_000n);
  expect(ahead.from("0xa", 1n)).toEqual([1n]);
  expect(ahead.from("0xa", 299_001n)).toEqual([299_001n, 299_002n]);
});
