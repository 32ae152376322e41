import { AttackInputError, assertWithin } from "./AttackInputError.ts";

/** Liquidity L between two prices, lower < upper; ranges of one pool do not overlap. */
export interface LiquidityRange {
  /** Prices in quote per base; 0 and Infinity stand for a range without an end. */
  readonly lower: number;
  readonly upper: number;
  /** sqrt(quote x base) of the virtual reserves, in whole tokens. */
  readonly liquidity: number;
  /** The pool's own ticks at `lower` and at `upper`, where it has any. */
  readonly ticks?: readonly [atLower: number, atUpper: number];
}

/** A pool in floating point, in whole tokens. The quote is what costs and gains are told in, the base what is priced. */
export interface Pool {
  /** Sources that share an id share the pool: bending it bends them all. */
  readonly id: string;
  /** Spot, quote per base, taken for the fair price. */
  readonly price: number;
  /** Part of the input that a swap pays, 0.003 for 30 bps. It does not stay in the liquidity, as in Uniswap v3. */
  readonly fee: number;
  /** From the lowest price up. */
  readonly ranges: readonly LiquidityRange[];
  /** The least and the greatest spot price that the pool can have. */
  readonly limits: readonly [min: number, max: number];
}

const priceLimit = 2 ** 128;

/** A constant-product pool over all prices, from its reserves in whole tokens. */
export function fullRangePool(reserves: {
  readonly id: string;
  readonly quote: number;
  readonly base: number;
  readonly fee: number;
}): Pool {
  const { id, quote, base, fee } = reserves;
  assertWithin("quote", quote, Number.MIN_VALUE, Number.MAX_VALUE);
  assertWithin("base", base, Number.MIN_VALUE, Number.MAX_VALUE);
  const liquidity = Math.sqrt(quote) * Math.sqrt(base);
  const ranges = [{ lower: 0, upper: Number.POSITIVE_INFINITY, liquidity }];
  return toPool({ id, price: quote / base, fee, ranges, limits: [1 / priceLimit, priceLimit] });
}

/** The pool, frozen. Throws AttackInputError naming what is not as its fields say. */
export function toPool(pool: Pool): Pool {
  assertWithin("price", pool.price, pool.limits[0], pool.limits[1]);
  assertWithin("fee", pool.fee, 0, 0.999_999);
  let above = 0;
  for (const [i, { lower, upper, liquidity }] of pool.ranges.entries()) {
    assertWithin(`ranges[${i}].lower`, lower, above, Number.MAX_VALUE);
    assertWithin(`ranges[${i}].liquidity`, liquidity, 0, Number.MAX_VALUE);
    if (!(upper > lower)) throw new AttackInputError(`ranges[${i}].upper`, upper, `It has to be above ${lower}.`);
    above = upper;
  }
  const ranges = pool.ranges.map((range) => Object.freeze({ ...range }));
  return Object.freeze({ ...pool, ranges: Object.freeze(ranges) });
}

/** The same pool with `factor` times its liquidity. */
export function deepen(pool: Pool, factor: number): Pool {
  return toPool({ ...pool, ranges: pool.ranges.map((range) => ({ ...range, liquidity: range.liquidity * factor })) });
}
