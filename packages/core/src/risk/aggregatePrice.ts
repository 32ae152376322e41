import { type Quote, weightedLowerMedian } from "../math/weightedLowerMedian.ts";
import { Fault, type FaultCode, type FeedAnswer, type FeedRules, judgeFeed, timeOf } from "./judgeFeed.ts";

/** The rules of a market that the aggregate depends on; see `Market` in the contract. */
export interface PriceRules {
  readonly quorum: number;
  readonly jumpQuorum: number;
  readonly maxSpreadBps: bigint;
  readonly maxJumpBps: bigint;
  readonly floorWad: bigint;
}

/** A price with the time of its feed, or the cause why there is none; `bps` then tells by how much it failed. */
export type Aggregate =
  | { readonly kind: "price"; readonly wad: bigint; readonly at: bigint; readonly degraded: boolean }
  | {
      readonly kind: "refusal";
      readonly cause: "quorum" | "spread" | "jump";
      readonly live: number;
      readonly bps: bigint;
    };

/** A feed with its answer; no answer stands for a call that failed or returned other than two words. */
export interface AskedFeed extends FeedRules {
  readonly answer?: FeedAnswer;
}

const tenThousand = 10_000n;

/**
 * What the feeds of a market say together at time `now` (Unix seconds), measured from `anchorWad` (0 for none). Bit for
 * bit the result of `OracleAggregator.sol` without its last good price.
 */
export function aggregatePrice(
  feeds: readonly AskedFeed[],
  rules: PriceRules,
  anchorWad: bigint,
  now: bigint,
): { readonly aggregate: Aggregate; readonly faults: readonly FaultCode[] } {
  const faults = feeds.map((feed) =>
    feed.answer === undefined ? Fault.failed : judgeFeed(feed, feed.answer, rules.floorWad, now),
  );
  const quotes = feeds.flatMap((feed, i) =>
    feed.answer !== undefined && faults[i] === Fault.none ? [toQuote(feed, feed.answer, now)] : [],
  );
  const suspect = faults.some((fault) => fault === Fault.spotTwap || fault === Fault.thin);
  return { aggregate: decide(quotes, suspect, rules, anchorWad), faults };
}

// Nothing was observed later than now, whatever the feed's clock says.
function toQuote(feed: FeedRules, answer: FeedAnswer, now: bigint): Quote {
  const time = timeOf(answer.stamp);
  return { wad: answer.wad, at: time > now ? now : time, weight: feed.weight };
}

function decide(quotes: readonly Quote[], suspect: boolean, rules: PriceRules, anchorWad: bigint): Aggregate {
  const middle = weightedLowerMedian(quotes);
  if (middle === undefined || quotes.length < rules.quorum) return refusal("quorum", quotes, 0n);
  const prices = quotes.map(({ wad }) => wad);
  const spread = maxOf(prices) - minOf(prices);
  const wide = spread * tenThousand > middle.wad * rules.maxSpreadBps;
  if (wide && !majorityNear(quotes, middle.wad, rules)) return refusal("spread", quotes, bpsUp(spread, middle.wad));
  const jumped = anchorWad !== 0n && jumps(middle.wad, anchorWad, rules.maxJumpBps);
  const confirmed = prices.filter(
    (wad) => wad > anchorWad === middle.wad > anchorWad && jumps(wad, anchorWad, rules.maxJumpBps),
  );
  if (jumped && confirmed.length < rules.jumpQuorum)
    return refusal("jump", quotes, bpsUp(distance(middle.wad, anchorWad), anchorWad));
  return { kind: "price", wad: middle.wad, at: middle.at, degraded: suspect || wide || jumped };
}

/** Whether at least the quorum, with more than half of the weight, stand within the spread of the median. */
function majorityNear(quotes: readonly Quote[], wad: bigint, rules: PriceRules): boolean {
  const near = quotes.filter((quote) => distance(quote.wad, wad) * tenThousand <= wad * rules.maxSpreadBps);
  return near.length >= rules.quorum && weightOf(near) * 2n > weightOf(quotes);
}

function refusal(cause: "quorum" | "spread" | "jump", quotes: readonly Quote[], bps: bigint): Aggregate {
  return { kind: "refusal", cause, live: quotes.length, bps };
}

function jumps(wad: bigint, anchorWad: bigint, maxJumpBps: bigint): boolean {
  return distance(wad, anchorWad) * tenThousand > anchorWad * maxJumpBps;
}

function bpsUp(part: bigint, whole: bigint): bigint {
  return (part * tenThousand + whole - 1n) / whole;
}

function weightOf(quotes: readonly Quote[]): bigint {
  return quotes.reduce((sum, { weight }) => sum + weight, 0n);
}

function distance(a: bigint, b: bigint): bigint {
  return a > b ? a - b : b - a;
}

function maxOf(values: readonly bigint[]): bigint {
  return values.reduce((max, value) => (value > max ? value : max));
}

function minOf(values: readonly bigint[]): bigint {
  return values.reduce((min, value) => (value < min ? value : min));
}
