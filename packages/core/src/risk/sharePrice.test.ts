import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { wadFromDecimalsDown } from "../math/wadFromDecimals.ts";
import { growthLineDown, sharePriceDown } from "./sharePrice.ts";

type Table = { readonly rows: readonly (readonly string[])[] };
const path = new URL("../../../../contracts/test/vectors/sharePrice.json", import.meta.url);
const vectors = JSON.parse(readFileSync(path, "utf8")) as { readonly decimals: Table; readonly shares: Table };
const day = 86_400n;

test("ORACLE-08: every conversion of the shared vectors is what the twin computes", () => {
  expect(vectors.decimals.rows.length).toBe(100);
  for (const row of vectors.decimals.rows) {
    const [value, decimals, wad] = row.map(BigInt) as [bigint, bigint, bigint];
    expect(wadFromDecimalsDown(value, decimals)).toBe(wad);
  }
});

test("ORACLE-10: every share price of the shared vectors is what the twin computes", () => {
  expect(vectors.shares.rows.length).toBe(120);
  for (const row of vectors.shares.rows) {
    const [decimals, start, maxGrowthBps, elapsed, assets, line, wad] = row.map(BigInt) as [
      ...[bigint, bigint, bigint, bigint],
      ...[bigint, bigint, bigint],
    ];
    const from = { startWad: wadFromDecimalsDown(start, decimals), startedAt: 5n, maxGrowthBps };
    expect(growthLineDown(from, 5n + elapsed)).toBe(line);
    expect(sharePriceDown(assets, decimals, from, 5n + elapsed)).toBe(wad);
  }
});

test("ORACLE-08: 6 decimals gain 12 digits, 24 lose 6, and what does not fit is the greatest word", () => {
  expect(wadFromDecimalsDown(1_500_000n, 6n)).toBe(15n * 10n ** 17n);
  expect(wadFromDecimalsDown(1_999_999n, 24n)).toBe(1n);
  expect(wadFromDecimalsDown(2n ** 256n - 1n, 18n)).toBe(2n ** 256n - 1n);
  expect(wadFromDecimalsDown(2n ** 256n - 1n, 17n)).toBe(2n ** 256n - 1n);
});

test("ORACLE-10: 10 % a year is 5 % in half of it and 20 % in two, and the line itself is taken", () => {
  const line = { startWad: 10n ** 18n, startedAt: 0n, maxGrowthBps: 1_000n };
  expect(growthLineDown(line, 0n)).toBe(10n ** 18n);
  expect(growthLineDown(line, (365n * day) / 2n)).toBe(105n * 10n ** 16n);
  expect(growthLineDown(line, 730n * day)).toBe(12n * 10n ** 17n);
  expect(sharePriceDown(1_050_000n, 6n, line, (365n * day) / 2n)).toBe(105n * 10n ** 16n);
  expect(sharePriceDown(1_050_001n, 6n, line, (365n * day) / 2n)).toBe(0n);
});
