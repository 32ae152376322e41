import { fitHawkes, type HawkesFit } from "../../math/hawkes.ts";
import { toPlainNumber } from "../../math/ratio.ts";
import type { Liquidation } from "../../model/ProtocolEvent.ts";
import { ringOf } from "../../model/Ring.ts";
import { type CascadeCase, tell } from "./LiqCascadeParams.ts";

/** The fit that this block's liquidations, with those before, are an excited process of; undefined where they are not. */
export function judgeExcitement(at: CascadeCase, liquidations: readonly Liquidation[]): HawkesFit | undefined {
  const { context, adapter, market } = at;
  const { params, memory, block } = context;
  const key = `${adapter.name}:${market}:times`;
  const now = Number(block.ref.timestamp);
  const watchedSince = Number(memory.get(`${key}:since`) ?? now);
  if (memory.get(`${key}:since`) === undefined) memory.set(`${key}:since`, now);
  if (liquidations.length === 0) return undefined;
  const past = ringOf<number>(memory, key).map(Number);
  // Several of one block have one timestamp; they are laid out evenly over the second, for the process has no ties.
  const added = liquidations.map((_, i) => now + (i + 1) / (liquidations.length + 1));
  const times = [...past, ...added].slice(-params.maxEvents);
  memory.set(key, times);
  if (times.length < params.minEvents) return undefined;
  // The quiet before the first liquidation is part of what was seen; where older ones fell out of memory it is not known.
  const start = past.length + added.length > params.maxEvents ? times[0]! - 1 : watchedSince - 1;
  const fit = fitHawkes(
    times.map((t) => t - start),
    now + 1 - start,
    params.shortestSeconds,
  );
  if (fit === undefined || fit.branching <= params.maxBranching) return undefined;
  if (fit.likelihoodRatio <= params.minLikelihoodRatio) return undefined;
  tell(at, "excitement", {
    severity: "medium",
    reason: `Liquidations of "${market}" cause each other: branching ratio ${fit.branching.toFixed(2)} over ${times.length}.`,
    score: Math.min(1, fit.branching / 2),
    evidence: {
      branching: toPlainNumber(fit.branching),
      muPerSecond: fit.mu,
      alpha: fit.alpha,
      beta: fit.beta,
      likelihoodRatio: toPlainNumber(fit.likelihoodRatio),
      limit: params.maxBranching,
      times,
    },
  });
  return fit;
}
