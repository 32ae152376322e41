import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { type MorphoQuote, morphoPrice, morphoScale } from "./morphoPrice.ts";

const path = new URL("../../../../contracts/test/vectors/morphoPrice.json", import.meta.url);
const { quotes } = JSON.parse(readFileSync(path, "utf8")) as {
  readonly quotes: { readonly rows: readonly (readonly string[])[] };
};
const statuses = ["OK", "DEGRADED", "FALLBACK", "HALTED"] as const;

test("ORACLE-12: every price of the shared vectors is what the twin computes", () => {
  expect(quotes.rows.length).toBe(120);
  for (const row of quotes.rows) {
    const [loan, collateral, wad, status, anchorWad, maxRiseBps, fits, served, price] = row.map(BigInt) as [
      ...[bigint, bigint, bigint, bigint, bigint],
      ...[bigint, bigint, bigint, bigint],
    ];
    const scale = morphoScale(loan, collateral);
    expect(scale !== undefined).toBe(fits === 1n);
    const quote = { wad, status: statuses[Number(status)]!, anchorWad };
    const have = scale === undefined ? undefined : morphoPrice(quote, maxRiseBps, scale);
    expect(have).toBe(served === 1n ? price : undefined);
  }
});

test("ORACLE-11: three tokens of 18 decimals at 2,000 are 6,000 of 6 decimals, by Morpho's own arithmetic", () => {
  const scale = morphoScale(6n, 18n)!;
  const price = morphoPrice({ wad: 2_000n * 10n ** 18n, status: "OK", anchorWad: 1n }, 0n, scale)!;
  expect((3n * 10n ** 18n * price) / 10n ** 36n).toBe(6_000n * 10n ** 6n);
});

test("ORACLE-11: decimals 18 apart are the last that fit", () => {
  expect(morphoScale(18n, 0n)).toBe(10n ** 36n);
  expect(morphoScale(0n, 18n)).toBe(1n);
  expect(morphoScale(19n, 0n)).toBeUndefined();
  expect(morphoScale(0n, 19n)).toBeUndefined();
});

test("ORACLE-12: a DEGRADED price is served up to its rise, falls always, and past prices never", () => {
  const at = (wad: bigint, status: MorphoQuote["status"]) => morphoPrice({ wad, status, anchorWad: 2_000n }, 500n, 1n);
  expect(at(2_100n, "DEGRADED")).toBe(2_100n);
  expect(at(2_101n, "DEGRADED")).toBeUndefined();
  expect(at(1n, "DEGRADED")).toBe(1n);
  expect(at(9_999n, "OK")).toBe(9_999n);
  expect(at(2_000n, "FALLBACK")).toBeUndefined();
  expect(at(0n, "HALTED")).toBeUndefined();
});
