// One reader's view of the feed as server-sent events. It reads the store until it has caught up and follows the bus from
// there; what waits for a slow reader is bounded.
import { canonicalJson } from "@testudo/core/model/canonicalJson";
import { fromPlainJson } from "@testudo/core/model/plainJson";
import { type FeedEntry, readFeed } from "../store/readFeed.ts";
import type { Store } from "../store/Store.ts";
import type { FeedLimits } from "./Api.ts";
import type { Bus } from "./Bus.ts";

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
  wake: (() => void) | undefined;
}

const pageSize = 200;
/** How long a dropped reader has to take the last words, in milliseconds. */
const graceMs = 5_000;

/** The feed after entry `after`, as text/event-stream; each event's id is its entry's `seq`. `onClose` is called once. */
export function feedStream(
  { store, bus }: { readonly store: Store; readonly bus: Bus<readonly FeedEntry[]> },
  after: number,
  limits: FeedLimits,
  onClose: () => void,
): ReadableStream<Uint8Array> {
  const reader: Reader = {
    queue: ["retry: 2000\n\n"],
    last: after,
    newest: 0,
    caughtUp: false,
    dropped: false,
    wake: undefined,
  };
  const encoder = new TextEncoder();
  let end = () => {};
  const start = (controller: ReadableStreamDefaultController<Uint8Array>) => {
    const unsubscribe = bus.subscribe((entries) => {
      take(reader, entries, limits.bufferEntries);
      if (reader.dropped && grace === undefined)
        grace = setTimeout(() => controller.error(new Error("reader too slow")), graceMs);
      reader.wake?.();
    });
    const beat = setInterval(() => {
      if (reader.queue.length === 0) reader.queue.push(": heartbeat\n\n");
      reader.wake?.();
    }, limits.heartbeatMs);
    let grace: NodeJS.Timeout | undefined;
    let ended = false;
    end = () => {
      if (ended) return;
      ended = true;
      unsubscribe();
      clearInterval(beat);
      clearTimeout(grace);
      onClose();
    };
  };
  const pull = async (controller: ReadableStreamDefaultController<Uint8Array>) => {
    const text = await nextText(store, reader);
    controller.enqueue(encoder.encode(text));
    if (!reader.dropped || reader.queue.length > 0) return;
    controller.close();
    end();
  };
  const guarded = (controller: ReadableStreamDefaultController<Uint8Array>) =>
    pull(controller).catch((error: unknown) => {
      end();
      throw error;
    });
  const cancel = () => {
    end();
    reader.wake?.();
  };
  return new ReadableStream({ start, pull: guarded, cancel }, { highWaterMark: 0 });
}

/** Takes what the bus says. While the reader still catches up, the store will give it. */
function take(reader: Reader, entries: readonly FeedEntry[], limit: number): void {
  reader.newest = Math.max(reader.newest, entries.at(-1)?.seq ?? 0);
  if (!reader.caughtUp || reader.dropped) return;
  const fresh = entries.filter((entry) => entry.seq > reader.last);
  if (reader.queue.length + fresh.length > limit) {
    reader.dropped = true;
    reader.queue.length = 0;
    reader.queue.push(
      `: dropped: more than ${limit} events wait for you. Read faster, and come back with Last-Event-ID.\n\n`,
    );
    return;
  }
  push(reader, fresh);
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
    if (reader.caughtUp) {
      await new Promise<void>((resolve) => {
        reader.wake = resolve;
      });
      reader.wake = undefined;
      continue;
    }
    const page = await readFeed(store, reader.last, pageSize);
    push(reader, page);
    // What was committed while the store answered was spoken of on the bus, and is read in another round.
    reader.caughtUp = page.length === 0 && reader.newest <= reader.last;
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
