// One reader's view of the feed as server-sent events. It reads the store until it has caught up and follows the bus from
// there. What waits for a reader in memory is bounded: the rest stays in the store, and who takes nothing is dropped.
import { canonicalJson } from "@testudo/core/model/canonicalJson";
import { fromPlainJson } from "@testudo/core/model/plainJson";
import { type FeedEntry, readFeed } from "../store/readFeed.ts";
import type { Store } from "../store/Store.ts";
import type { FeedLimits } from "./Api.ts";
import type { Bus } from "./Bus.ts";

/**
 * What a feed is made over. `cutOff` breaks the connection, `whenGone` calls what it is given when that is over, or is already;
 * `onClose` is called once, when the feed has ended.
 */
export interface FeedSource {
  readonly store: Store;
  readonly bus: Bus<readonly FeedEntry[]>;
  readonly limits: FeedLimits;
  readonly cutOff: () => void;
  readonly whenGone: (end: () => void) => void;
  readonly onClose: () => void;
}

/** Where a reader stands. */
interface Reader {
  /** Texts to send, oldest first. */
  readonly queue: string[];
  /** Last entry put into the queue. */
  last: number;
  /** Newest entry that the bus spoke of. */
  newest: number;
  caughtUp: boolean;
  dropped: boolean;
  /** When the reader last took something, in milliseconds of the process's own clock. */
  tookAt: number;
  wake: (() => void) | undefined;
}

const pageSize = 200;

/** The feed after entry `after`, as text/event-stream; each event's id is its entry's `seq`. */
export function feedStream(source: FeedSource, after: number): ReadableStream<Uint8Array> {
  const { store } = source;
  const reader: Reader = {
    queue: ["retry: 2000\n\n"],
    last: after,
    newest: 0,
    caughtUp: false,
    dropped: false,
    tookAt: performance.now(),
    wake: undefined,
  };
  const encoder = new TextEncoder();
  const end = follow(source, reader);
  const pull = async (controller: ReadableStreamDefaultController<Uint8Array>) => {
    try {
      const text = await nextText(store, reader);
      reader.tookAt = performance.now();
      controller.enqueue(encoder.encode(text));
      if (!reader.dropped || reader.queue.length > 0) return;
      controller.close();
      end();
    } catch (error) {
      end();
      throw error;
    }
  };
  return new ReadableStream({ pull, cancel: end }, { highWaterMark: 0 });
}

/** Listens for `reader` and looks after it; returns what ends that. */
function follow({ bus, limits, cutOff, whenGone, onClose }: FeedSource, reader: Reader): () => void {
  let grace: NodeJS.Timeout | undefined;
  let ended = false;
  const unsubscribe = bus.subscribe((entries) => {
    take(reader, entries, limits.bufferEntries);
    reader.wake?.();
  });
  const beat = setInterval(() => {
    if (reader.dropped) return;
    if (reader.queue.length === 0) reader.queue.push(": heartbeat\n\n");
    else if (performance.now() - reader.tookAt > limits.stallMs) {
      drop(reader, limits.stallMs);
      grace = setTimeout(cutOff, limits.graceMs);
    }
    reader.wake?.();
  }, limits.heartbeatMs);
  const end = () => {
    if (ended) return;
    ended = true;
    unsubscribe();
    clearInterval(beat);
    clearTimeout(grace);
    onClose();
  };
  // Whoever asks for the head alone never reads the stream, and nobody ends it whose reader left before it began.
  whenGone(end);
  return end;
}

function drop(reader: Reader, stallMs: number): void {
  reader.dropped = true;
  reader.queue.length = 0;
  reader.queue.push(
    `: dropped: you took nothing for ${stallMs} ms. Come back with Last-Event-ID; nothing is lost.\n\n`,
  );
}

/** Takes what the bus says, if it fits. While the reader catches up, the store will give it. */
function take(reader: Reader, entries: readonly FeedEntry[], limit: number): void {
  reader.newest = Math.max(reader.newest, entries.at(-1)?.seq ?? 0);
  if (!reader.caughtUp || reader.dropped) return;
  const fresh = entries.filter((entry) => entry.seq > reader.last);
  if (reader.queue.length + fresh.length > limit) reader.caughtUp = false;
  else push(reader, fresh);
}

function push(reader: Reader, entries: readonly FeedEntry[]): void {
  for (const entry of entries) {
    reader.queue.push(toEvent(entry));
    reader.last = entry.seq;
  }
}

async function nextText(store: Store, reader: Reader): Promise<string> {
  for (;;) {
    const text = reader.queue.shift();
    if (text !== undefined) return text;
    if (!reader.caughtUp) {
      const page = await readFeed(store, reader.last, pageSize);
      push(reader, page);
      // What was committed while the store answered was spoken of on the bus, and is read in another round.
      reader.caughtUp = page.length === 0 && reader.newest <= reader.last;
      continue;
    }
    await new Promise<void>((resolve) => {
      reader.wake = resolve;
    });
    reader.wake = undefined;
  }
}

// The same entry goes to every reader; JSON has no line breaks, so that one data line holds it.
const events = new WeakMap<FeedEntry, string>();

function toEvent(entry: FeedEntry): string {
  const known = events.get(entry);
  if (known !== undefined) return known;
  const text = `id: ${entry.seq}\nevent: ${entry.kind}\ndata: ${canonicalJson(fromPlainJson(entry.body))}\n\n`;
  events.set(entry, text);
  return text;
}
