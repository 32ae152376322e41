// What leaks too slowly for any window: a cumulative sum over hours, and a bucket that leaks as an on-chain limiter's.
import { cusumNow, type HourlyCusum, stepHourlyCusum } from "../../math/hourlyCusum.ts";
import { ratioOf } from "../../math/ratio.ts";
import type { Memory } from "../../model/Memory.ts";
import { absorbFlow, flowLevelUp } from "../../risk/FlowBucket.ts";
import { type Holding, keyOf } from "../../signs/HoldingsBook.ts";
import type { OutflowParams } from "./OutflowParams.ts";

/** A limit on drift that is reached. */
export interface Drift {
  readonly kind: "cusum" | "bucket";
  /** How far: the sum S, or the bucket's level as a share of its cap. */
  readonly level: number;
  readonly limit: number;
  readonly figures: Readonly<Record<string, number | bigint>>;
}

/** Takes this block's movement of `holding` in and gives what it leads to. Tells only while more leaves. */
export function driftsOf(memory: Memory, params: OutflowParams, holding: Holding, now: number): Drift[] {
  const [parent, block] = [holding.parent!, holding.block!];
  const isOut = block < parent;
  const all = [cusumOf(memory, params, holding, now), bucketOf(memory, params, holding, now)];
  return all.filter((drift): drift is Drift => drift !== undefined && isOut && drift.level >= drift.limit);
}

function cusumOf(memory: Memory, { cusum }: OutflowParams, holding: Holding, now: number): Drift | undefined {
  if (cusum === null) return undefined;
  const key = `cusum:${keyOf(holding.holder, holding.asset)}`;
  const [held, block] = [holding.parent!, holding.block!];
  const move = { hour: Math.floor(now / 3_600), held, net: block - held };
  const state = stepHourlyCusum(memory.get(key) as HourlyCusum | undefined, move, cusum.slack);
  memory.set(key, state);
  const level = cusumNow(state, cusum.slack);
  const figures = {
    sumBefore: state.sum,
    meanPerHour: state.mean,
    slack: cusum.slack,
    netThisHour: state.net,
    heldAtHour: state.held,
  };
  return { kind: "cusum", level, limit: cusum.limit, figures };
}

function bucketOf(memory: Memory, { bucket }: OutflowParams, holding: Holding, now: number): Drift | undefined {
  if (bucket === null) return undefined;
  const key = `bucket:${keyOf(holding.holder, holding.asset)}`;
  const [held, block] = [holding.parent!, holding.block!];
  const [used, last] = (memory.get(key) ?? [0n, 0n]) as readonly [bigint, bigint];
  const cap = (held * BigInt(Math.round(bucket.share * 1e6))) / 1_000_000n;
  const before = flowLevelUp({ used, last, cap, window: BigInt(bucket.seconds) }, BigInt(now));
  const level = block < held ? before + held - block : absorbFlow(block - held, 0n, before).level;
  memory.set(key, [level, BigInt(now)]);
  const figures = { levelBefore: before, level, cap, windowSeconds: bucket.seconds };
  return { kind: "bucket", level: ratioOf(level, cap), limit: 1, figures };
}
