import type { StateAnswer } from "@testudo/core/model/StateRead";
import { expect, test } from "vitest";
import { openKeptAnswers } from "./KeptAnswers.ts";

const answerOf = (chars: number): StateAnswer => ({ ok: true, value: `0x${"0".repeat(chars - 2)}` });

test("STREAM-09: answers of a megabyte, however many a stranger has us ask for, are no more than 64 MiB; the last used stay", () => {
  const kept = openKeptAnswers(50_000);
  kept.keep("real", answerOf(66));
  for (let i = 0; i < 500; i += 1) {
    kept.keep(`junk ${i}`, answerOf(2 ** 20));
    expect(kept.recall("real")).toEqual(answerOf(66));
  }
  const left = Array.from({ length: 500 }, (_, i) => i).filter((i) => kept.recall(`junk ${i}`) !== undefined);
  expect(left).toHaveLength(63);
  expect(left.at(-1)).toBe(499);
});

test("STREAM-09: more than its entries, or one beyond all room, are not kept; one that is answered anew counts once", () => {
  const kept = openKeptAnswers(2);
  for (const key of ["a", "b", "c"]) kept.keep(key, answerOf(66));
  expect(["a", "b", "c"].map((key) => kept.recall(key) !== undefined)).toEqual([false, true, true]);
  for (let i = 0; i < 100; i += 1) kept.keep("b", answerOf(2 ** 20));
  expect(kept.recall("c")).toBeDefined();
  kept.keep("huge", answerOf(65 * 2 ** 20));
  expect(["b", "c", "huge"].map((key) => kept.recall(key) !== undefined)).toEqual([true, true, false]);
});
