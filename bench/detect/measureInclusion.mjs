import { judgeLatency } from "../judgeRun.mjs";
import { runLatency, runReorgs } from "../latency/runLatency.mjs";
import { aimOf } from "./summarize.mjs";

const mostRetractionMs = 1_000;

/** A whole watch with the catalogue on a local chain of one block a second: inclusion to outbox row, and reorgs (BAR-02). */
export async function measureInclusion({ tell }) {
  tell("60 blocks, one a second");
  const latency = judgeLatency("a block every second", await runLatency({ blocks: 60, paceMs: 1_000, warmUp: 10 }));
  tell("8 reorgs of 3 blocks");
  const reorgs = await runReorgs({ reorgs: 8, depth: 3, paceMs: 1_000 });
  const slowest = Math.max(...reorgs.map(({ ms }) => ms));
  return {
    latency,
    reorgs,
    aims: [
      aimOf("block's arrival to stored outbox row, p95", "<", latency.targetMs, latency.fromArrivalMs.p95, " ms"),
      aimOf("order to mine to stored outbox row, p95", "<", latency.targetMs, latency.fromMiningMs.p95, " ms"),
      aimOf("3-deep reorg to stored retraction, slowest", "<", mostRetractionMs, slowest, " ms"),
    ],
    notes: [
      `inclusion: p50 ${latency.fromMiningMs.p50}, p95 ${latency.fromMiningMs.p95}, most ${latency.fromMiningMs.max} ms from the order to mine`,
      `reorgs: ${reorgs.map(({ ms, retracted }) => `${ms} ms (${retracted} retracted)`).join(", ")}`,
    ],
  };
}
