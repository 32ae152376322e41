import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { isLiquidatableWithin, isPriceMoveWithin } from "./parameterMove.ts";

type Table = { readonly rows: readonly (readonly string[])[] };
const path = new URL("../../../../contracts/test/vectors/parameterMove.json", import.meta.url);
const { prices, liquidatable } = JSON.parse(readFileSync(path, "utf8")) as Record<"prices" | "liquidatable", Table>;

test("STEWARD-04: every move of the shared vectors is what the twin computes", () => {
  expect([prices.rows.length, liquidatable.rows.length]).toEqual([80, 80]);
  for (const row of prices.rows) {
    const [before, after, max, holds] = row.map(BigInt) as [bigint, bigint, bigint, bigint];
    expect(isPriceMoveWithin(before, after, max)).toBe(holds === 1n);
  }
  for (const row of liquidatable.rows) {
    const [before, after, total, max, holds] = row.map(BigInt) as [bigint, bigint, bigint, bigint, bigint];
    expect(isLiquidatableWithin(before, after, total, max)).toBe(holds === 1n);
  }
});

test("STEWARD-04: a price moves by 1 % of itself either way, and never to or from zero", () => {
  expect([9_900n, 10_100n].every((after) => isPriceMoveWithin(10_000n, after, 100n))).toBe(true);
  expect([9_899n, 10_101n].some((after) => isPriceMoveWithin(10_000n, after, 100n))).toBe(false);
  expect(isPriceMoveWithin(10_000n, 0n, 65_535n) || isPriceMoveWithin(0n, 1n, 65_535n)).toBe(false);
  expect(isPriceMoveWithin(10_000n, 1n, 10_000n)).toBe(true);
});

test("STEWARD-04: a part of all notional becomes liquidatable, what was so already aside", () => {
  expect(isLiquidatableWithin(50n, 60n, 1_000n, 100n)).toBe(true);
  expect(isLiquidatableWithin(50n, 61n, 1_000n, 100n)).toBe(false);
  expect(isLiquidatableWithin(50n, 50n, 0n, 0n)).toBe(true);
});
