import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { compactDown, compactUp } from "./compact.ts";

const path = new URL("../../../../contracts/test/vectors/compact.json", import.meta.url);
const { values } = JSON.parse(readFileSync(path, "utf8")) as {
  readonly values: { readonly rows: readonly (readonly [string, string, string])[] };
};

test("ORACLE-10, LATENCY-03: every compact number of the shared vectors is what the twin computes", () => {
  expect(values.rows.length).toBe(90);
  for (const [value, up, down] of values.rows) {
    expect([compactUp(BigInt(value)), compactDown(BigInt(value))]).toEqual([BigInt(up), BigInt(down)]);
  }
});

test("ORACLE-10: 40 bits are exact, of the 41st on one in 2^39 is lost, and rounding up may carry", () => {
  expect([compactUp(2n ** 40n - 1n), compactDown(2n ** 40n - 1n)]).toEqual([2n ** 40n - 1n, 2n ** 40n - 1n]);
  expect([compactUp(2n ** 40n + 1n), compactDown(2n ** 40n + 1n)]).toEqual([2n ** 40n + 2n, 2n ** 40n]);
  expect([compactUp(2n ** 128n - 1n), compactDown(2n ** 128n - 1n)]).toEqual([2n ** 128n, 2n ** 128n - 2n ** 88n]);
  expect([compactUp(0n), compactDown(0n)]).toEqual([0n, 0n]);
});
