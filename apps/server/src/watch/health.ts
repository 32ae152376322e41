import { redactUrlsIn } from "@testudo/chain/rpc/redactUrl";
import type { BlockRef } from "@testudo/core/model/BlockBundle";
import type { StreamTrouble } from "@testudo/core/model/ChainEvent";
import type { Commit } from "@testudo/core/model/Output";
import type { ApiStatus } from "../api/Api.ts";
import type { BranchView } from "../branch/openBranchDesk.ts";
import type { SteppedRuns } from "../jobs/step/stepper.ts";
import { isIsolating } from "../observe/observeRuns.ts";
import { readStatus } from "../operator/readStatus.ts";
import { probeStore } from "../store/probeStore.ts";
import type { Store } from "../store/Store.ts";
import type { LoopDelay } from "./loopDelay.ts";

/** What of a watch is fixed and shown in its status. */
export interface HealthOptions {
  readonly dataDir: string;
  readonly chainId: number;
  readonly quorum: number;
  readonly endpoints: readonly string[];
  readonly detectors: readonly string[];
  /** The last block that a run before this one stored. */
  readonly head: BlockRef | undefined;
  readonly loop: LoopDelay;
}

/** What the stream can tell of itself at any time, and the branches that are judged beside it. */
export interface WatchedStream {
  readonly queued: () => number;
  readonly head: () => bigint | undefined;
  readonly branches: () => readonly BranchView[];
}

/** Follows what is committed and says how the watch is. */
export interface Health {
  onStored(commit: Commit): void;
  onStepped(stepped: SteppedRuns): void;
  head(): BlockRef | undefined;
  /** The detectors that judge from now on. */
  setDetectors(detectors: readonly string[]): void;
  /** What the stream can tell of itself, once there is one. */
  setStream(stream: WatchedStream): void;
  /** Why the watch stands still though there is work; undefined while it does not. */
  stuck(): string | undefined;
  status(store: Store): Promise<ApiStatus>;
}

// Each stands in the outbox, or in a file, or was a single event: the watch itself is well. A relay is asked by actions only.
const events: ReadonlySet<string> = new Set<StreamTrouble["trouble"]>([
  "dead-letter",
  "config-edited",
  "peer-missed",
  "report-unread",
  "thread-lost",
  "relay-failed",
  "branch-finding",
]);
// With these the chain is not followed as it should be; what one node of several does is not among them.
const blinding: ReadonlySet<string> = new Set<StreamTrouble["trouble"]>([
  "no-block",
  "deep-reorg",
  "block-lag",
  "state-unread",
]);
const overKey = (actor: string, recovered: string) => `${actor}: ${recovered.replace("recovered from ", "")}`;
const longestDelayMs = 5_000;
const longestStandMs = 60_000;

/** Starts with no head: not ready before the first block is stored. */
export function openHealth(options: HealthOptions): Health {
  const { dataDir, chainId, quorum, endpoints, loop } = options;
  let { head, detectors } = options;
  let isReady = false;
  let stream: WatchedStream | undefined;
  let steppedAtMs = performance.now();
  let isolated: readonly string[] = [];
  const troubles = new Map<string, string>();

  const stuck = (): string | undefined => {
    const stoodMs = performance.now() - steppedAtMs;
    if (stream === undefined || stream.queued() === 0 || stoodMs <= longestStandMs) return undefined;
    return `${stream.queued()} blocks wait, and nothing was judged for ${Math.round(stoodMs / 1_000)} s`;
  };
  const illness = (): readonly string[] => {
    const delayMs = loop.latestMs();
    const late = delayMs > longestDelayMs ? [`the process is ${Math.round(delayMs)} ms late with its own timers`] : [];
    return [...late, ...[stuck()].flatMap((why) => why ?? [])];
  };
  const blindness = (cannotStore: string | undefined): readonly string[] => [
    ...(isReady ? [] : ["no block has been judged yet"]),
    ...[...troubles.values()].filter((text) => blinding.has(text.split(":")[0]!)),
    ...(isolated.length > 0 ? [`isolated on the last block: ${isolated.join(", ")}`] : []),
    ...(cannotStore === undefined ? [] : [`the store takes nothing: ${cannotStore}`]),
  ];
  const flagTrouble = () => [...troubles.values()].find((text) => text.startsWith("flag-on"));
  const isIll = (label: string) => [...troubles.keys()].some((key) => key.startsWith(`${label}: `));
  return {
    onStored(commit) {
      if (commit.cursor) {
        head = commit.cursor;
        isReady = true;
      }
      for (const record of commit.records) {
        if (record.kind !== "Remark" || record.topic !== "trouble") continue;
        const [what = ""] = record.text.split(":");
        if (events.has(what)) continue;
        if (!what.startsWith("recovered")) troubles.set(`${record.actor}: ${what}`, record.text);
        else
          for (const key of troubles.keys())
            if (what === "recovered" ? key.startsWith(`${record.actor}: `) : key === overKey(record.actor, what))
              troubles.delete(key);
      }
    },
    onStepped({ outputs, input, faults }) {
      steppedAtMs = performance.now();
      // Before the reads of a block are answered, its verdicts are not known.
      const isJudged = outputs.some((output) => output.kind === "commit") && ["block", "reads"].includes(input.kind);
      if (isJudged) isolated = [...new Set(faults.filter(isIsolating).map(({ detector }) => detector))];
    },
    setStream(of) {
      stream = of;
    },
    head: () => head,
    setDetectors(next) {
      detectors = next;
    },
    stuck,
    async status(store) {
      const [ill, blind] = [illness(), blindness(await probeStore(store))];
      const stored = await readStatus(store, dataDir);
      const lag = stream?.head();
      const reasons = [...new Set([...ill, ...blind, ...troubles.values()])].map(redactUrlsIn);
      if (stored.outbox.dead > 0)
        reasons.push(`${stored.outbox.dead} notices were given up; deadLetters names the newest`);
      for (const { name } of stored.channels.filter(({ isStale }) => isStale))
        reasons.push(`no test of channel ${name} went through for 8 days; run \`testudo channels test ${name}\``);
      if (quorum < 2) reasons.push("quorum 1: a single node is believed; add a second one of another operator");
      return {
        healthy: ill.length === 0,
        ready: ill.length === 0 && blind.length === 0,
        reasons,
        chainId,
        quorum,
        endpoints: endpoints.map((label) => ({ label, state: isIll(label) ? "ill" : "well" })),
        detectors,
        ...(lag === undefined || head === undefined ? {} : { lagBlocks: Math.max(0, Number(lag - head.number)) }),
        branches: stream?.branches() ?? [],
        ...stored,
        ...stoppedBy(flagTrouble(), stored.mode),
      };
    },
  };
}

// The switch of the folder may say "armed" all the while.
function stoppedBy(trouble: string | undefined, mode: string): Pick<ApiStatus, "mode" | "modeReason"> | undefined {
  return trouble === undefined || mode === "killed" ? undefined : { mode: "killed", modeReason: redactUrlsIn(trouble) };
}
