import type { BlockRef } from "@testudo/core/model/BlockBundle";
import type { ChainEvent, StreamTrouble } from "@testudo/core/model/ChainEvent";
import { type WatchOptions, watchBlocks } from "../stream/watchBlocks.ts";

type Event = ChainEvent | StreamTrouble;

/** A watch that runs in the background and keeps what it was given. */
export interface Recording {
  readonly events: readonly Event[];
  /** The chain as the events tell it. */
  readonly known: readonly BlockRef[];
  readonly troubles: readonly StreamTrouble[];
  /** Resolves when `isReached` holds; throws after `withinMs` with what was seen. */
  until(isReached: (recording: Recording) => boolean, withinMs?: number): Promise<void>;
  /** Resolves when the stream ended by itself or was stopped. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

/** Records `watchBlocks(options)`, polling fast, and checks STREAM-02 on the way. */
export function record(options: WatchOptions): Recording {
  const stop = new AbortController();
  const events: Event[] = [];
  const known: BlockRef[] = [];
  let changed = () => {};
  const watch = watchBlocks({ pollMs: 10, blockTimeMs: 60_000, maxBackoffMs: 100, ...options, signal: stop.signal });
  const run = async () => {
    for await (const event of watch) {
      fold(event, known);
      events.push(event);
      changed();
    }
  };
  const ended = run();
  // It is awaited in `until` or `stop`; a failure before that is not lost.
  ended.catch(() => changed());
  const recording: Recording = {
    events,
    known,
    get troubles() {
      return events.filter((event) => event.kind === "trouble");
    },
    ended,
    async until(isReached, withinMs = 30_000) {
      const end = Date.now() + withinMs;
      while (!isReached(recording)) {
        if (Date.now() > end) throw new Error(`Not reached. Seen: ${events.map(describe).join(", ")}`);
        await Promise.race([
          new Promise<void>((resolve) => (changed = resolve)),
          new Promise((resolve) => setTimeout(resolve, 50)),
        ]);
      }
    },
    async stop() {
      stop.abort();
      await ended;
    },
  };
  return recording;
}

/** The kind of an event with what tells it apart. */
export function describe(event: Event): string {
  switch (event.kind) {
    case "block":
      return `block ${event.bundle.ref.number}`;
    case "reorg":
      return `reorg to ${event.ancestor.number} dropping ${event.orphaned.map((ref) => ref.number).join(" ")}`;
    case "finalize":
      return `${event.tag} ${event.ref.number}`;
    case "trouble":
      return `${event.trouble}${event.endpoint === undefined ? "" : ` of ${event.endpoint}`}${event.freeze ? " (freeze)" : ""}`;
  }
}

function fold(event: Event, known: BlockRef[]): void {
  if (event.kind === "block") {
    const last = known.at(-1);
    if (last !== undefined && last.hash !== event.bundle.ref.parentHash)
      throw new Error(`STREAM-02: block ${event.bundle.ref.number} does not follow block ${last.number}.`);
    known.push(event.bundle.ref);
  } else if (event.kind === "reorg") {
    while (known.length > 0 && known.at(-1)!.hash !== event.ancestor.hash) known.pop();
    if (known.length === 0) known.push(event.ancestor);
  }
}
