import type { PendingVerdict } from "../preblock/PendingVerdict.ts";
import type { Probed } from "../preblock/probeCreations.ts";
import type { ExecutedSeen } from "../reexecute/Executor.ts";
import type { Metrics } from "./Metrics.ts";

/** Counts what the threads do that execute blocks again, pending transactions and probes. */
export function observeExecutions(metrics: Metrics) {
  return {
    onExecuted({ result, ms }: ExecutedSeen): void {
      metrics.reexecution.inc({ result });
      metrics.reexecutionDuration.observe(ms / 1_000);
    },
    onVerdict({ outcome, ms }: PendingVerdict): void {
      metrics.preblock.inc({ kind: "transaction", result: outcome });
      metrics.preblockDuration.observe({ kind: "transaction" }, ms / 1_000);
    },
    onProbed({ outcome, ms }: Probed): void {
      metrics.preblock.inc({ kind: "probe", result: outcome });
      metrics.preblockDuration.observe({ kind: "probe" }, ms / 1_000);
    },
    onNotPredicted: () => metrics.notPredicted.inc(),
  };
}
