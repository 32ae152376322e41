// A second watch beside the one that acts: its own stream over the nodes that show another branch, its own thread of the same
// detectors, its own memory. It begins after a block that the main watch has stored, so that its stream's first event is a
// plain reorg to where the branches part. What it commits stays in memory, what it orders is dropped.

import type { Endpoint } from "@testudo/chain/rpc/rpcEndpoint";
import { openStateReader } from "@testudo/chain/state/readState";
import type { RemoteNodes } from "@testudo/chain/state/remoteReads";
import { type BlockWatch, watchBlocks } from "@testudo/chain/stream/watchBlocks";
import type { BlockRef } from "@testudo/core/model/BlockBundle";
import type { ChainEvent, StreamTrouble } from "@testudo/core/model/ChainEvent";
import { firstLineOf } from "@testudo/core/model/firstLineOf";
import type { Commit } from "@testudo/core/model/Output";
import type { Program } from "@testudo/core/model/Program";
import { drive } from "../jobs/step/drive.ts";
import { openMailbox } from "../jobs/step/mailbox.ts";
import type { ProgramSource } from "../jobs/step/programSource.ts";
import { openStepper, type StoredState } from "../jobs/step/stepper.ts";
import type { Executor } from "../reexecute/Executor.ts";
import { frameLogsOf } from "../watch/frameLogsOf.ts";
import { openAnswers } from "../watch/openAnswers.ts";
import { scopesOf } from "../watch/scopesOf.ts";
import { makeShadowMemory } from "./ShadowMemory.ts";

/** What a shadow tells while it judges. */
export interface ShadowHooks {
  readonly onCommit: (commit: Commit) => void;
  /** What its stream says of its nodes. */
  readonly onTrouble: (trouble: StreamTrouble) => void;
  /** It has ended by itself, and judges nothing any more. */
  readonly onLost: (why: string) => void;
}

/** Judges a branch. None of its members throws. */
export interface Shadow {
  /** Judges what the nodes at `urls` show from now on, and leaves those before. */
  follow(urls: readonly string[]): void;
  /** Judges nothing for now. Its thread and its memory stay, to go on from where they are. */
  rest(): void;
  /** For how long blocks have waited and none was judged, as far as it was asked. */
  stoodMs(nowMs: number): number;
  close(): Promise<void>;
}

export interface ShadowOptions {
  readonly source: ProgramSource;
  /** The same program, for what streams have to know of it. */
  readonly program: Program;
  /** The state that the main watch has stored, after block `cursor`. */
  readonly state: StoredState;
  readonly cursor: BlockRef;
  readonly limitMs: number;
  readonly heapMb: number;
  readonly pollMs?: number | undefined;
  /** Opens a node for this shadow alone: what it asks must not hold up what the main watch asks of the same node. */
  readonly openNode: (url: string) => Promise<Endpoint>;
  readonly remotes: RemoteNodes;
  /** Executes its blocks again, where those of the main watch are. It is closed with the shadow. */
  readonly executor?: Executor | undefined;
  readonly hooks: ShadowHooks;
}

interface Run {
  readonly stop: AbortController;
  readonly done: Promise<void>;
  stream?: BlockWatch;
}

const queueBlocks = 64;
const queueBytes = 16 * 1024 * 1024;

/** Starts the thread. Rejects when the program does not load. */
export async function openShadow({
  source,
  limitMs,
  heapMb,
  state,
  cursor,
  ...options
}: ShadowOptions): Promise<Shadow> {
  const { hooks, program, executor, remotes } = options;
  const memory = makeShadowMemory(state, cursor);
  const stepper = await openStepper({
    ...{ source, limitMs, heapMb },
    mayAct: false,
    // Whoever makes up branches shall not have a new thread for every block that fills one.
    isMortal: true,
    reload: async () => memory.state(),
  });
  let run: Run | undefined;
  // Since when blocks wait of which none was judged meanwhile.
  let waitingSinceMs: number | undefined;
  let isLost = false;

  const watch = (endpoints: readonly Endpoint[], signal: AbortSignal): BlockWatch =>
    watchBlocks({
      endpoints,
      // All of them show this branch: one that leaves it is told.
      quorum: endpoints.length,
      scopes: scopesOf(program),
      frameLogs: frameLogsOf(program),
      from: memory.cursor,
      refs: memory.refs(),
      // What has to be decided now is no history, however far back the branches part.
      liveFrom: 0n,
      ...(executor ? { reexecute: executor.traces } : {}),
      ...(options.pollMs === undefined ? {} : { pollMs: options.pollMs }),
      queueBlocks,
      queueBytes,
      signal,
    });

  const judge = async (endpoints: readonly Endpoint[], stream: BlockWatch, signal: AbortSignal): Promise<void> => {
    const reader = openStateReader(endpoints);
    const answers = openAnswers({
      ...{ reader, endpoints, remotes, executor, head: stream.head, signal },
      tell: hooks.onTrouble,
    });
    let last = "";
    const driven = drive({
      stepper,
      mailbox: openMailbox(),
      stream: withoutTroubles(stream, (trouble) => {
        last = trouble.message;
        hooks.onTrouble(trouble);
      }),
      answer: answers.answer,
      store: async (commits) => commits.forEach(memory.apply),
      onStored: (commit) => {
        waitingSinceMs = undefined;
        hooks.onCommit(commit);
      },
      run: () => undefined,
      signal,
    });
    try {
      await driven.done;
    } finally {
      await answers.close();
    }
    // Only what can not be followed any more ends a stream.
    if (!signal.aborted) lose(last);
  };

  const lose = (why: string): void => {
    if (isLost) return;
    isLost = true;
    hooks.onLost(why.split("\n")[0]!);
  };

  const stop = (): Promise<void> => {
    run?.stop.abort();
    return run?.done ?? Promise.resolve();
  };

  return {
    follow(urls) {
      const stopped = stop();
      const own = new AbortController();
      const begin = async (): Promise<void> => {
        await stopped;
        if (own.signal.aborted || isLost) return;
        const endpoints = await Promise.all(urls.map(options.openNode));
        const close = () => endpoints.forEach((endpoint) => void endpoint.close());
        // What is under way to a node that hangs is not waited for.
        own.signal.addEventListener("abort", close, { once: true });
        waitingSinceMs = undefined;
        next.stream = watch(endpoints, own.signal);
        await judge(endpoints, next.stream, own.signal).finally(close);
      };
      const next: Run = {
        stop: own,
        done: begin().catch((error: unknown) => {
          if (!own.signal.aborted) lose(firstLineOf(error));
        }),
      };
      run = next;
    },
    rest: () => void stop(),
    stoodMs(nowMs) {
      const isWaiting = (run?.stream?.queued() ?? 0) > 0;
      waitingSinceMs = isWaiting ? (waitingSinceMs ?? nowMs) : undefined;
      return waitingSinceMs === undefined ? 0 : nowMs - waitingSinceMs;
    },
    async close() {
      // Not before: a thread that ends under a step is taken for lost, and another one started.
      await stop();
      await stepper.close();
      await executor?.close();
    },
  };
}

async function* withoutTroubles(
  stream: AsyncIterable<ChainEvent | StreamTrouble>,
  onTrouble: (trouble: StreamTrouble) => void,
): AsyncGenerator<ChainEvent> {
  for await (const event of stream) {
    if (event.kind === "trouble") onTrouble(event);
    else yield event;
  }
}
