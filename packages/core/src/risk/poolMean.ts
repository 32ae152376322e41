import { tickPriceDown } from "../math/tickPrice.ts";

/** What a Uniswap v3 pool tells of a window: its cumulative ticks and seconds per liquidity (Q128) at begin and end. */
export interface PoolWindow {
  readonly seconds: bigint;
  readonly tickSums: readonly [begin: bigint, end: bigint];
  readonly inverseSums: readonly [begin: bigint, end: bigint];
  /** The pool's tick now. */
  readonly spotTick: bigint;
}

/** Which of the pool's tokens is priced, and its ratio's price: 10^(18 + base decimals - quote decimals). */
export interface PoolPair {
  readonly baseIsToken0: boolean;
  readonly scale: bigint;
}

/** When a mean is no price: spot further from it than `maxSpotTwapBps`, or less liquidity than `minLiquidity`. */
export interface PoolRules {
  readonly maxSpotTwapBps: bigint;
  readonly minLiquidity: bigint;
}

export type PoolFault = "NONE" | "THIN" | "SPOT_TWAP";

const bps = 10_000n;
const maxPrice = (1n << 128n) - 1n;

/** The mean price of a pool in WAD, rounded down and at most 2^128 - 1, and what the pool says of itself (ORACLE-07). */
export function poolMean(
  window: PoolWindow,
  pair: PoolPair,
  rules: PoolRules,
): { readonly wad: bigint; readonly fault: PoolFault } {
  const price = (tick: bigint) => least(tickPriceDown(pair.baseIsToken0 ? tick : -tick, pair.scale), maxPrice);
  const wad = price(meanTickDown(window));
  const spot = price(window.spotTick);
  if (meanLiquidityDown(window) < rules.minLiquidity) return { wad, fault: "THIN" };
  const distance = spot > wad ? spot - wad : wad - spot;
  return { wad, fault: distance * bps > wad * rules.maxSpotTwapBps ? "SPOT_TWAP" : "NONE" };
}

/** The mean tick of a window, rounded towards the lower tick. The pool's sums have 56 bits and wrap. */
export function meanTickDown({ seconds, tickSums: [begin, end] }: PoolWindow): bigint {
  const sum = BigInt.asIntN(56, end - begin);
  const rest = ((sum % seconds) + seconds) % seconds;
  return (sum - rest) / seconds;
}

/** The harmonic mean of the liquidity in range, rounded down; zero where the pool tells nothing. The sums wrap at 2^160. */
export function meanLiquidityDown({ seconds, inverseSums: [begin, end] }: PoolWindow): bigint {
  const inverse = BigInt.asUintN(160, end - begin);
  return inverse === 0n ? 0n : (seconds << 128n) / inverse;
}

function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
