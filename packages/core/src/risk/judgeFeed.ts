/** Faults of a feed, in the numbers of `Fault` in `contracts/src/interfaces/IOracleAggregator.sol`. */
export const Fault = {
  none: 0,
  noCode: 1,
  failed: 2,
  badReturn: 3,
  badPrice: 4,
  future: 5,
  stale: 6,
  uncertain: 7,
  spotTwap: 8,
  thin: 9,
} as const;

export type FaultCode = (typeof Fault)[keyof typeof Fault];

/** A feed's place in its market: see `Feed` in the contract. */
export interface FeedRules {
  readonly weight: bigint;
  readonly heartbeat: bigint;
  readonly maxConfBps: bigint;
}

/** The two words that a feed answered; `stamp` is time (40 bits), confidence (16) and fault, from the low end. */
export interface FeedAnswer {
  readonly wad: bigint;
  readonly stamp: bigint;
}

const maxPrice = 2n ** 128n - 1n;
const maxAheadSeconds = 60n;

/** What is wrong with a feed's answer at time `now` (Unix seconds), if anything. Prices below `floorWad` are none. */
export function judgeFeed(feed: FeedRules, answer: FeedAnswer, floorWad: bigint, now: bigint): FaultCode {
  const rest = answer.stamp >> 56n;
  if (rest === BigInt(Fault.spotTwap)) return Fault.spotTwap;
  if (rest === BigInt(Fault.thin)) return Fault.thin;
  if (rest !== 0n) return Fault.badReturn;
  if (answer.wad === 0n || answer.wad >= maxPrice || answer.wad < floorWad) return Fault.badPrice;
  const time = timeOf(answer.stamp);
  if (time > now + maxAheadSeconds) return Fault.future;
  if (time + feed.heartbeat < now) return Fault.stale;
  return ((answer.stamp >> 40n) & 0xffffn) > feed.maxConfBps ? Fault.uncertain : Fault.none;
}

/** The time in a stamp, Unix seconds. */
export function timeOf(stamp: bigint): bigint {
  return stamp & (2n ** 40n - 1n);
}
