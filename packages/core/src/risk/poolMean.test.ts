import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { meanLiquidityDown, meanTickDown, type PoolWindow, poolMean } from "./poolMean.ts";

const path = new URL("../../../../contracts/test/vectors/tickPrice.json", import.meta.url);
const { means } = JSON.parse(readFileSync(path, "utf8")) as {
  readonly means: { readonly columns: readonly string[]; readonly rows: readonly (readonly string[])[] };
};
const faults = { NONE: 0n, SPOT_TWAP: 8n, THIN: 9n };
const window: PoolWindow = { seconds: 1_800n, tickSums: [0n, 0n], inverseSums: [0n, 1n << 68n], spotTick: 0n };

test("ORACLE-07: every mean of the shared vectors is what the twin computes", () => {
  expect(means.rows.length).toBe(80);
  for (const row of means.rows) {
    const of = (key: string) => BigInt.asIntN(256, BigInt(row[means.columns.indexOf(key)]!));
    const told: PoolWindow = {
      seconds: of("window"),
      // The sums of a real pool began long ago and may have wrapped.
      tickSums: [2n ** 55n - 7n, BigInt.asIntN(56, 2n ** 55n - 7n + of("tickSum"))],
      inverseSums: [2n ** 160n - 7n, BigInt.asUintN(160, of("inverseSum") - 7n)],
      spotTick: of("spotTick"),
    };
    const pair = { baseIsToken0: of("baseIsToken0") === 1n, scale: 10n ** (18n + of("base") - of("quote")) };
    const rules = { maxSpotTwapBps: of("maxSpotTwapBps"), minLiquidity: of("minLiquidity") };
    const { wad, fault } = poolMean(told, pair, rules);
    expect([meanTickDown(told), wad, faults[fault]]).toEqual([of("meanTick"), of("wad"), of("fault")]);
  }
});

test("ORACLE-07: the mean rounds to the lower tick on both sides of zero", () => {
  const mean = (sum: bigint) => meanTickDown({ ...window, tickSums: [0n, sum] });
  expect([1_799n, 1_800n, -1n, -1_800n, -1_801n].map(mean)).toEqual([0n, 1n, -1n, -1n, -2n]);
});

test("ORACLE-07: a pool that tells no seconds per liquidity has none", () => {
  expect(meanLiquidityDown({ ...window, inverseSums: [5n, 5n] })).toBe(0n);
  expect(meanLiquidityDown(window)).toBe(1_800n << 60n);
  // Q128 seconds per unit of liquidity over the whole window: one unit.
  expect(meanLiquidityDown({ ...window, inverseSums: [0n, 1_800n << 128n] })).toBe(1n);
});

test("ORACLE-07: a spot price is told just beyond its bound, and thin liquidity first", () => {
  const pair = { baseIsToken0: true, scale: 10n ** 18n };
  const at = (spotTick: bigint, maxSpotTwapBps: bigint, minLiquidity = 0n) =>
    poolMean({ ...window, spotTick }, pair, { maxSpotTwapBps, minLiquidity }).fault;
  // 1.0001 is one basis point away, which is at the bound; 1.00020001 is beyond two.
  expect(at(1n, 1n)).toBe("NONE");
  expect(at(1n, 0n)).toBe("SPOT_TWAP");
  expect(at(2n, 2n)).toBe("SPOT_TWAP");
  expect(at(2n, 2n, (1_800n << 60n) + 1n)).toBe("THIN");
  expect(at(0n, 0n, 1_800n << 60n)).toBe("NONE");
});

test("ORACLE-10: a price beyond 128 bits is the greatest, which is no price", () => {
  const pair = { baseIsToken0: true, scale: 10n ** 36n };
  const high = { ...window, tickSums: [0n, 800_000n * 1_800n] as const };
  expect(poolMean(high, pair, { maxSpotTwapBps: 0n, minLiquidity: 0n }).wad).toBe((1n << 128n) - 1n);
});
