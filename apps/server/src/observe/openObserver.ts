// Joins what observes with what is observed: the parts of a watch tell what they do through hooks that they have anyway, and
// none of them knows of metrics or spans.
import type { RpcObserver } from "@testudo/chain/rpc/rpcEndpoint";
import type { Scope } from "@testudo/core/model/BlockBundle";
import type { ChainEvent, StreamTrouble } from "@testudo/core/model/ChainEvent";
import type { Input } from "@testudo/core/model/Input";
import type { Command, Commit } from "@testudo/core/model/Output";
import type { Program } from "@testudo/core/model/Program";
import type { Channel } from "../deliver/Channel.ts";
import type { Loss } from "../jobs/step/retrial.ts";
import type { SteppedRuns } from "../jobs/step/stepper.ts";
import type { DetectorRun } from "../jobs/step/stepWorker.ts";
import { countDead } from "../store/outbox.ts";
import type { Store } from "../store/Store.ts";
import { type Metrics, openMetrics } from "./Metrics.ts";
import type { Observability } from "./Observability.ts";
import { observeChannel } from "./observeChannel.ts";
import { type CommitTimes, observeCommits } from "./observeCommits.ts";
import { observeExecutions } from "./observeExecutions.ts";
import { observeRpc } from "./observeRpc.ts";
import { observeRuns } from "./observeRuns.ts";
import { observeStream } from "./observeStream.ts";
import { observeTrials } from "./observeTrials.ts";
import { type BlockTracer, openTracer, traceTargetOf } from "./openTracer.ts";
import { watchClocks } from "./watchClocks.ts";

/** What is observed from the outset. */
export interface ObserverOptions {
  readonly store: Store;
  readonly program: Program;
  readonly settings: Observability;
  readonly tell: (trouble: StreamTrouble) => void;
  /** Where the environment may name a receiver of spans. */
  readonly environment: NodeJS.ProcessEnv;
}

/** The hooks, and the text of `/metrics`. */
export interface Observer {
  readonly onRpc: RpcObserver;
  /** Passes the stream on. `heads`: what it can tell of itself at any time. */
  stream(
    wanted: readonly Scope[],
    stream: AsyncIterable<ChainEvent | StreamTrouble>,
    heads: StreamHeads,
  ): AsyncIterable<ChainEvent | StreamTrouble>;
  channel(channel: Channel): Channel;
  /** The detectors that judge from now on. */
  setDetectors(detectors: readonly string[]): void;
  onStepped(stepped: SteppedRuns): void;
  onThreadLost(loss: Loss): void;
  onStored(commit: Commit, times: CommitTimes): void;
  onCommand(command: Command): void;
  /** What is executed outside of the chain. */
  readonly executions: ReturnType<typeof observeExecutions>;
  onInput(input: Input): void;
  onBuried(channel: string, notices: number): void;
  onHeartbeat(atMs: number): void;
  readonly metrics: Metrics;
  expose(): Promise<{ readonly contentType: string; readonly text: string }>;
  close(): Promise<void>;
}

/** The newest block that the nodes have, the last that is stored, how many wait between, how long one takes, and the branches judged beside. */
export interface StreamHeads {
  readonly chain: () => bigint | undefined;
  readonly stored: () => bigint | undefined;
  readonly queued: () => number;
  readonly blockTimeMs: () => number;
  readonly branches: () => number;
}

/** Opens all metrics, and spans where something says where they go. */
export async function openObserver(options: ObserverOptions): Promise<Observer> {
  const metrics = openMetrics();
  const { traces } = options.settings;
  const target = traces === undefined ? traceTargetOf(options.environment) : { ...traces, serviceName: "testudo" };
  // To Prometheus a count that begins at one has not increased.
  if (target !== undefined) for (const result of ["sent", "lost"]) metrics.spans.inc({ result }, 0);
  const tracer = target && (await openTracer(target, (result, spans) => metrics.spans.inc({ result }, spans)));
  const { detectors, calibration } = options.program;
  const runs = observeRuns(metrics);
  runs.setDetectors(detectors.map((use) => use.meta.id));
  // What was measured before a restart shows again with the next block.
  for (const { detector } of calibration?.detectors ?? []) metrics.fpBudgetUsed.set({ detector }, 0);
  const countCommit = observeCommits(metrics, Date.now());
  const countRpc = observeRpc(metrics);
  const trials = observeTrials(metrics);
  const clocks = watchClocks(options.tell);
  const spans = tracer && openSpans(tracer);
  let heads: StreamHeads | undefined;
  return {
    metrics,
    onRpc(seen) {
      countRpc(seen);
      clocks.onAnswer(seen);
    },
    stream(wanted, stream, of) {
      heads = of;
      return observeStream(metrics, wanted, stream, clocks.onBlock);
    },
    channel: (channel) => observeChannel(metrics, channel),
    setDetectors: runs.setDetectors,
    onStepped(stepped) {
      runs.count(stepped.runs, stepped.faults);
      spans?.onStepped(stepped);
    },
    onThreadLost: ({ kind }) => metrics.threadsLost.inc({ result: kind }),
    onStored(commit, times) {
      countCommit(commit, times);
      spans?.onStored(commit, times);
    },
    executions: observeExecutions(metrics),
    onCommand: trials.begin,
    onInput: trials.end,
    onBuried: (channel, notices) => metrics.notify.inc({ channel, result: "dead" }, notices),
    onHeartbeat: (atMs) => metrics.heartbeat.set(atMs / 1_000),
    async expose() {
      if (heads !== undefined) readHeads(metrics, heads);
      if (calibration !== undefined)
        metrics.calibrationAge.set(Math.max(0, Date.now() / 1_000 - Number(calibration.range.to.timestamp)));
      metrics.deadLetters.set(await countDead(options.store));
      return { contentType: metrics.registry.contentType, text: await metrics.registry.metrics() };
    },
    close: async () => tracer?.close(),
  };
}

function readHeads(
  { blockLag, queueBlocks, blockTime, branchesJudged }: Metrics,
  { chain, stored, queued, blockTimeMs, branches }: StreamHeads,
): void {
  const [head, last] = [chain(), stored()];
  if (head !== undefined && last !== undefined) blockLag.set(Math.max(0, Number(head - last)));
  queueBlocks.set(queued());
  blockTime.set(blockTimeMs() / 1_000);
  branchesJudged.set(branches());
}

/** Keeps the runs of a block until its commit is stored. Blocks of history are not told: they would bury the live ones. */
function openSpans(tracer: BlockTracer) {
  const runsOf = new WeakMap<Commit, readonly DetectorRun[]>();
  let gathered: DetectorRun[] = [];
  let isLive = false;
  return {
    onStepped({ input, outputs, runs }: SteppedRuns): void {
      if (input.kind === "block") {
        isLive = input.phase === "live";
        gathered = [];
      }
      gathered.push(...runs);
      for (const output of outputs)
        if (output.kind === "commit" && isLive && (input.kind === "block" || input.kind === "reads"))
          runsOf.set(output, gathered);
    },
    onStored(commit: Commit, times: CommitTimes): void {
      const runs = runsOf.get(commit);
      tracer.stored(commit, runs, times);
    },
  };
}
