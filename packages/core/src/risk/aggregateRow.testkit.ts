import type { Aggregate, AskedFeed, PriceRules } from "./aggregatePrice.ts";
import type { FaultCode } from "./judgeFeed.ts";

const maxFeeds = 7;
const marketColumns = ["count", "quorum", "jumpQuorum", "maxSpreadBps", "maxJumpBps", "floorWad", "anchorWad", "now"];
const feedColumns = ["weight", "heartbeat", "maxConfBps", "answered", "wad", "stamp"];
const outputColumns = ["cause", "price", "at", "degraded", "live", "bps", "faults"];
const causes = ["price", "quorum", "spread", "jump"] as const;

/** The columns of contracts/test/vectors/oracle.json, and the time at which every row's market was set. */
export const vectorLayout = {
  start: 1_800_000_000n,
  inputs: marketColumns.length + maxFeeds * feedColumns.length,
  columns: [
    ...marketColumns,
    ...Array.from({ length: maxFeeds }, (_, i) => feedColumns.map((name) => `${name}${i}`)).flat(),
    ...outputColumns,
  ],
};

/** The arguments of `aggregatePrice` in a row's first columns. */
export function toAskedFeeds(row: readonly bigint[]) {
  const [count, quorum, jumpQuorum, maxSpreadBps, maxJumpBps, floorWad, anchorWad, now] = row as readonly [
    bigint,
    ...bigint[],
  ];
  const rules = { quorum: Number(quorum), jumpQuorum: Number(jumpQuorum), maxSpreadBps, maxJumpBps, floorWad };
  const feeds = Array.from({ length: Number(count) }, (_, i) =>
    toFeed(row, marketColumns.length + i * feedColumns.length),
  );
  return { feeds, rules: rules as PriceRules, anchorWad: anchorWad!, now: now! };
}

function toFeed(row: readonly bigint[], from: number): AskedFeed {
  const [weight, heartbeat, maxConfBps, answered, wad, stamp] = row.slice(from, from + feedColumns.length);
  const rules = { weight: weight!, heartbeat: heartbeat!, maxConfBps: maxConfBps! };
  return answered === 0n ? rules : { ...rules, answer: { wad: wad!, stamp: stamp! } };
}

/** The first columns of the row with these arguments; feeds that are not there are zeros. */
export function toColumns(feeds: readonly AskedFeed[], rules: PriceRules, anchorWad: bigint, now: bigint): bigint[] {
  const columns = Array.from({ length: maxFeeds }, (_, i) => {
    const feed = feeds[i];
    if (feed === undefined) return feedColumns.map(() => 0n);
    const { answer } = feed;
    const words = answer === undefined ? [0n, 0n, 0n] : [1n, answer.wad, answer.stamp];
    return [feed.weight, feed.heartbeat, feed.maxConfBps, ...words];
  });
  const { quorum, jumpQuorum, maxSpreadBps, maxJumpBps, floorWad } = rules;
  const market = [BigInt(feeds.length), BigInt(quorum), BigInt(jumpQuorum), maxSpreadBps, maxJumpBps, floorWad];
  return [...market, anchorWad, now, ...columns.flat()];
}

/** The last columns of a row: what `aggregatePrice` returned; the fault of feed i is byte i of the last one. */
export function toOutputs(result: { readonly aggregate: Aggregate; readonly faults: readonly FaultCode[] }): bigint[] {
  const faults = result.faults.reduce((sum, fault, i) => sum | (BigInt(fault) << BigInt(8 * i)), 0n);
  const { aggregate } = result;
  if (aggregate.kind === "price")
    return [0n, aggregate.wad, aggregate.at, aggregate.degraded ? 1n : 0n, 0n, 0n, faults];
  const { cause, live, bps } = aggregate;
  return [BigInt(causes.indexOf(cause)), 0n, 0n, 0n, BigInt(live), bps, faults];
}
