import type { LiquidityRange, Pool } from "./Pool.ts";

/** Beyond this price the pool has no liquidity: it moves on for nothing, and the cost stays what it is. */
export interface Unbounded {
  readonly side: "above" | "below";
  readonly price: number;
  /** The pool's own tick there, where it has ticks. */
  readonly tick?: number;
}

/** What passes between a trader and the liquidity when spot is moved, before fees, in whole tokens. */
export interface Walk {
  readonly direction: "up" | "down";
  /** What is paid in going up and taken out going down. */
  readonly quote: number;
  readonly base: number;
  /** What the trader pays over the fair price of what he gets, in quote: the arbitrageur's profit. */
  readonly loss: number;
  readonly unbounded?: Unbounded;
}

/**
 * What it takes to move the pool's spot price to `spot`, range by range. With dy = L (sqrt q - sqrt p) and
 * dx = L (1/sqrt p - 1/sqrt q) in each (Uniswap v3 white paper, section 6.2), the loss at the fair price p is
 * sum dy - p sum dx; it is summed as a product, so that nothing cancels near p.
 */
export function walkPool(pool: Pool, spot: number): Walk {
  const [from, to] = spot > pool.price ? [pool.price, spot] : [spot, pool.price];
  const sum = { quote: 0, base: 0, loss: 0 };
  for (const range of pool.ranges) {
    const low = Math.sqrt(Math.max(from, range.lower));
    const high = Math.sqrt(Math.min(to, range.upper));
    if (low >= high) continue;
    const quote = range.liquidity * (high - low);
    sum.quote += quote;
    sum.base += quote / low / high;
    sum.loss += quote * Math.abs(1 - (pool.price / low) * (1 / high));
  }
  const unbounded = unboundedAt(pool.ranges, spot, pool.price);
  return { direction: spot > pool.price ? "up" : "down", ...sum, ...(unbounded && { unbounded }) };
}

/** What one push costs that an arbitrageur takes back: the loss, and the fee of the way there, in quote. */
export function pushCost(pool: Pool, walk: Walk): number {
  const paid = walk.direction === "up" ? walk.quote : walk.base * pool.price;
  return walk.loss + paid * feeOnNet(pool.fee);
}

/** What a push costs that its trader takes back himself: the fees of both ways, in quote. */
export function roundTripCost(pool: Pool, walk: Walk): number {
  return (walk.quote + walk.base * pool.price) * feeOnNet(pool.fee);
}

/** What has to be at hand for a push, fee included, in quote at the fair price. */
export function capitalFor(pool: Pool, walk: Walk): number {
  return (walk.direction === "up" ? walk.quote : walk.base * pool.price) / (1 - pool.fee);
}

function feeOnNet(fee: number): number {
  return fee / (1 - fee);
}

function unboundedAt(ranges: readonly LiquidityRange[], spot: number, price: number): Unbounded | undefined {
  const filled = ranges.filter(({ liquidity }) => liquidity > 0);
  const top = filled.at(-1);
  if (spot > price) {
    const end = Math.max(top?.upper ?? price, price);
    return spot > end ? { side: "above", price: end, ...tickAt(top?.ticks?.[1]) } : undefined;
  }
  const bottom = filled[0];
  const end = Math.min(bottom?.lower ?? price, price);
  return spot < end ? { side: "below", price: end, ...tickAt(bottom?.ticks?.[0]) } : undefined;
}

function tickAt(tick: number | undefined): { readonly tick?: number } {
  return tick === undefined ? {} : { tick };
}
