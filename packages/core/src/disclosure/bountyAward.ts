// What a report is worth: bit for bit with contracts/src/libraries/BountyMath.sol. Every result is rounded down, so that
// the vault never owes what it does not hold. Amounts are in units of the vault's token.

/** What the base of a root is reckoned from. */
export interface BountyPrice {
  /** Part of the funds at risk, 1/10,000. */
  readonly bps: bigint;
  /** The least and the most that a root of the tier gets. */
  readonly floor: bigint;
  readonly cap: bigint;
  /** The part of the vault's free funds that one root may take, 1/10,000. */
  readonly shareBps: bigint;
}

const bps = 10_000n;
// From here on a duplicate's share is zero.
const maxReports = 32n;

/**
 * What all reports of one root get together: `price.bps` of the funds at risk (V.p50 at the block of the commit), within
 * the tier's floor and cap, and never more than the share of what is free.
 */
export function bountyBaseDown(fundsAtRisk: bigint, price: BountyPrice, free: bigint): bigint {
  const wanted = min(price.cap, max(price.floor, (fundsAtRisk * price.bps) / bps));
  return min(wanted, (free * price.shareBps) / bps);
}

/** What one report gets of its root's base. Shares of at most 10,000 together never give more than the base. */
export function bountyAwardDown(base: bigint, awardBps: bigint): bigint {
  return (base * awardBps) / bps;
}

/**
 * The share of one of `count` reports of the same root, 1/10,000: 10,000 / 2^(count - 1) for the first commit, that over
 * 1.1 for each later one. The largest share blind to identities for which splitting oneself up never pays.
 */
export function duplicateShareBpsDown(count: bigint, isFirst: boolean): bigint {
  if (count === 0n || count > maxReports) return 0n;
  const halves = 1n << (count - 1n);
  return isFirst ? bps / halves : (bps * 10n) / (11n * halves);
}

/** What of `rest` has vested at the time `nowAt`, on a line from `from` to `end`, Unix seconds. */
export function vestedDown(rest: bigint, from: bigint, end: bigint, nowAt: bigint): bigint {
  if (nowAt >= end) return rest;
  if (nowAt <= from) return 0n;
  return (rest * (nowAt - from)) / (end - from);
}

function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

function max(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
