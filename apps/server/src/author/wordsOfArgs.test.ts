import { expect, test } from "vitest";
import { wordsOfArgs } from "./wordsOfArgs.ts";

const address = `0x${"12".repeat(20)}`;

test("behavior: arguments are told by name, short ones whole", () => {
  expect(wordsOfArgs({ to: address, amount: 5n, isFull: true })).toBe(`to ${address}, amount 5, isFull true`);
  expect(wordsOfArgs({})).toBe("");
  expect(wordsOfArgs(undefined)).toBe("");
  expect(wordsOfArgs([1n])).toBe("0 1");
});

test("behavior: what somebody else has chosen takes no more room than is meant for it", () => {
  expect(wordsOfArgs({ data: `0x${"ab".repeat(5_000)}` })).toBe(`data 0x${"ab".repeat(20)}…`);
  expect(wordsOfArgs({ memo: 'ok", severity "info' })).toBe('memo "ok\\", severity \\"info"');
  expect(wordsOfArgs({ list: [1n, 2n], inner: { a: 1n } })).toBe("list (2), inner {…}");
  expect(wordsOfArgs(Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`a${i}`, i])))).toBe(
    "a0 0, a1 1, a2 2, a3 3, a4 4, a5 5, 3 more",
  );
});
