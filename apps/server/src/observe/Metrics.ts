// Every metric that the server shows, in one place, so that the board and the alert rules can be held against it. Labels
// take only what is bounded: detectors and channels of the configuration, nodes by their redacted name, RPC methods that
// our own code asks for, and words of our own types.
import { Counter, Gauge, Histogram, Registry } from "prom-client";

export type Metrics = ReturnType<typeof openMetrics>;

// Seconds: a block's way through the pipeline is some ms to some s; a detector takes microseconds to its limit.
const pathSeconds = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const detectorSeconds = [0.000_1, 0.000_5, 0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5];
const rpcSeconds = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const simSeconds = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
const depths = [1, 2, 3, 4, 6, 8, 16, 32, 64, 128];

/** Makes a registry of its own with all metrics in it: two watches in one process do not mix. */
export function openMetrics() {
  const registry = new Registry();
  const registers = [registry];
  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[] = []) =>
    new Counter<L>({ name, help, labelNames: [...labelNames], registers });
  const gauge = <L extends string>(name: string, help: string, labelNames: readonly L[] = []) =>
    new Gauge<L>({ name, help, labelNames: [...labelNames], registers });
  const histogram = <L extends string>(name: string, help: string, buckets: number[], labelNames: readonly L[] = []) =>
    new Histogram<L>({ name, help, buckets, labelNames: [...labelNames], registers });
  return {
    registry,
    blockLag: gauge("testudo_block_lag", "Blocks between the chain's head and the last one that is stored."),
    headToFinding: histogram(
      "testudo_head_to_finding_seconds",
      "From when a quorum had come to a live block to when its finding was stored.",
      pathSeconds,
    ),
    detectorDuration: histogram(
      "testudo_detector_duration_seconds",
      "Time that a detector took for one run on a block.",
      detectorSeconds,
      ["detector"],
    ),
    detectorErrors: counter(
      "testudo_detector_errors_total",
      "Blocks on which a detector was isolated: it threw, overran its time, ended its thread, or asked for state without end.",
      ["detector"],
    ),
    threadsLost: counter(
      "testudo_detection_threads_lost_total",
      "Threads of all detectors that were followed by a new one: overran (a detector did), died (of memory, mostly).",
      ["result"],
    ),
    findings: counter("testudo_findings_total", "Findings by what became of them.", ["detector", "severity", "status"]),
    reorgs: counter("testudo_reorgs_total", "Reorganisations of the chain."),
    reorgDepth: histogram("testudo_reorg_depth", "Blocks that a reorganisation orphaned.", depths),
    rpcRequests: counter("testudo_rpc_requests_total", "JSON-RPC calls; a batch goes by its first call's method.", [
      "method",
      "endpoint",
    ]),
    rpcErrors: counter("testudo_rpc_errors_total", "JSON-RPC calls that got no answer, or an error for one.", [
      "method",
      "endpoint",
    ]),
    rpcDuration: histogram("testudo_rpc_duration_seconds", "Time of one HTTP request to a node.", rpcSeconds, [
      "method",
      "endpoint",
    ]),
    rpcDisagreements: counter("testudo_rpc_disagreements_total", "Disagreements of nodes about a block."),
    scopeDegraded: gauge("testudo_scope_degraded", "1 while blocks lack a scope that a detector wants.", ["scope"]),
    branchesJudged: gauge(
      "testudo_branches_judged",
      "Branches that nodes show and the watch does not follow, judged beside it while no quorum says which is right.",
    ),
    blockStored: gauge(
      "testudo_block_stored_timestamp",
      "Unix time at which a block was last stored; that of the start until one is.",
    ),
    blockTime: gauge(
      "testudo_block_time_seconds",
      "Block time of the chain as its newest blocks show it, between 4 and 60 s: what silence is measured by.",
    ),
    queueBlocks: gauge("testudo_queue_blocks", "Blocks that wait to be judged."),
    notify: counter("testudo_notify_total", "Deliveries to channels: sent, failed (tried again), dead (given up).", [
      "channel",
      "result",
    ]),
    deadLetters: gauge("testudo_notify_dead_letters", "Notices that were given up and wait for a person."),
    action: counter("testudo_action_total", "Actions by the states that they reached.", ["action", "result"]),
    simDuration: histogram(
      "testudo_sim_duration_seconds",
      "From the proposal of an action to the result of its trial on a fork.",
      simSeconds,
    ),
    reexecution: counter(
      "testudo_reexecution_total",
      "Blocks executed again by what came of it: executed, otherwise (than on the chain), node, late, lost.",
      ["result"],
    ),
    reexecutionDuration: histogram(
      "testudo_reexecution_seconds",
      "Time of executing a block again, from its turn to its result.",
      pathSeconds,
    ),
    preblock: counter(
      "testudo_preblock_total",
      "Pending transactions (transaction) and new contracts (probe) by what came of them.",
      ["kind", "result"],
    ),
    preblockDuration: histogram(
      "testudo_preblock_seconds",
      "From when a pending transaction or a new contract was seen to the word on it.",
      pathSeconds,
      ["kind"],
    ),
    notPredicted: counter(
      "testudo_not_predicted_total",
      "Pending transactions and probes that took more than there is for one, had no state in time, or were left out.",
    ),
    spans: counter("testudo_spans_total", "Spans that left: sent, lost (the receiver did not take them).", ["result"]),
    fpBudgetUsed: gauge(
      "testudo_fp_budget_used_ratio",
      "Measured alert rate of the last 7 days as a share of the calibrated budget; above 2 is drift.",
      ["detector"],
    ),
    calibrationAge: gauge("testudo_calibration_age_seconds", "Age of the newest block that the calibration rests on."),
    heartbeat: gauge(
      "testudo_heartbeat_timestamp",
      "Unix time of the last heartbeat that the receiver took, or of the start.",
    ),
  };
}
