// What a route of contracts/src/BridgeGuard.sol lets arrive, bit for bit.
import { type FlowBucket, fillFlow, flowLevelUp } from "../risk/FlowBucket.ts";

/** An arrival that brings the level to at least `aboveBps` of the cap must have been announced for `delay` seconds. */
export interface BridgeTier {
  readonly aboveBps: bigint;
  readonly delay: bigint;
}

/** What an arrival does: the level afterwards and the delay of that level, or `over`, for which there is no room. */
export type BridgeArrival =
  | { readonly passes: true; readonly level: bigint; readonly delay: bigint }
  | { readonly passes: false; readonly over: bigint };

const bps = 10_000n;

/** The delay of the highest tier that `level` reaches; tiers stand in ascending order. */
export function bridgeDelay(level: bigint, cap: bigint, tiers: readonly BridgeTier[]): bigint {
  const above = tiers.findIndex(({ aboveBps }) => level * bps < cap * aboveBps);
  const reached = above < 0 ? tiers : tiers.slice(0, above);
  return reached.at(-1)?.delay ?? 0n;
}

/**
 * What an arrival of `amount` at `now` (Unix seconds) does to a route. Any arrivals of a time t sum up to at most
 * cap + cap * t / window.
 */
export function arriveByRoute(
  bucket: FlowBucket,
  tiers: readonly BridgeTier[],
  amount: bigint,
  now: bigint,
): BridgeArrival {
  const { level, over } = fillFlow(amount, flowLevelUp(bucket, now), bucket.cap);
  return over > 0n ? { passes: false, over } : { passes: true, level, delay: bridgeDelay(level, bucket.cap, tiers) };
}
