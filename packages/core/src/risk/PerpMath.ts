// The formulas of contracts/src/libraries/PerpMath.sol in bigint, bit for bit: change both together, and run
// scripts/vectors/perp.mjs. Sizes in WAD of the base, positive long; prices in WAD; `unit` is what divides size times
// price into units of the collateral: 10^(36 - decimals).
import { ceilDiv } from "../math/ceilDiv.ts";

const wad = 10n ** 18n;
const day = 86_400n;

/** What `size` is worth, rounded down: a short is worth at most its negative value. */
export function valueDown(size: bigint, price: bigint, unit: bigint): bigint {
  return divDown(size * price, unit);
}

/** What `size` costs, rounded up. */
export function valueUp(size: bigint, price: bigint, unit: bigint): bigint {
  return -valueDown(-size, price, unit);
}

/** The notional of `size`, rounded up. */
export function notionalUp(size: bigint, price: bigint, unit: bigint): bigint {
  return ceilDiv(abs(size) * price, unit);
}

/** What a position of `size` owes since the funding index was `from`, rounded up; negative when it is owed. */
export function owedUp(size: bigint, index: bigint, from: bigint, unit: bigint): bigint {
  return -divDown(-(size * (index - from)), unit);
}

/**
 * How far the funding index moves in `time` seconds: the side that is larger by `skew` (units of the collateral) pays
 * `cap` (WAD) of the price a day when the skew is as large as `scale`, in proportion below, no more above. Rounded
 * towards zero.
 */
export function fundingStep(skew: bigint, scale: bigint, cap: bigint, price: bigint, time: bigint): bigint {
  const counted = abs(skew) < scale ? abs(skew) : scale;
  const rate = (counted * cap) / scale;
  const step = (rate * time * price) / (wad * day);
  return skew < 0n ? -step : step;
}

/** The price of a fill of `size`: half the impact of its own notional against whoever trades, at most half the price. */
export function fillPrice(size: bigint, price: bigint, notional: bigint, depth: bigint): bigint {
  const whole = ceilDiv(price * notional, 2n * depth);
  const impact = whole < price / 2n ? whole : price / 2n;
  return size > 0n ? price + impact : price - impact;
}

/** The part of `cost` that belongs to `closed` of `size`, rounded towards zero. */
export function costPart(cost: bigint, closed: bigint, size: bigint): bigint {
  return (cost * closed) / size;
}

/** The part of `size` that takes off `held`. */
export function reducedBy(held: bigint, size: bigint): bigint {
  if (held === 0n || held > 0n === size > 0n) return 0n;
  return abs(size) <= abs(held) ? size : -held;
}

/** `ratio`, WAD, of `notional`, rounded up. */
export function shareUp(ratio: bigint, notional: bigint): bigint {
  return ceilDiv(ratio * notional, wad);
}

/** Shares for `assets` of a pool, rounded down, of which the first `offset` and the first unit are virtual. */
export function toSharesDown(assets: bigint, pool: bigint, shares: bigint, offset: bigint): bigint {
  if (shares + offset === 0n) return assets;
  return (assets * (shares + offset)) / (pool + virtualUnit(offset));
}

/** Assets for `part` of a pool's shares, rounded down. */
export function toAssetsDown(part: bigint, pool: bigint, shares: bigint, offset: bigint): bigint {
  return (part * (pool + virtualUnit(offset))) / (shares + offset);
}

function virtualUnit(offset: bigint): bigint {
  return offset < 1n ? offset : 1n;
}

function divDown(x: bigint, unit: bigint): bigint {
  return x % unit < 0n ? x / unit - 1n : x / unit;
}

function abs(x: bigint): bigint {
  return x < 0n ? -x : x;
}
