// Carries outbox rows to their channels, at least once and under a stable id. Channels do not wait for each other; within a
// channel's thread one notice at a time goes, the oldest first (FIND-04).
import { isAtLeast } from "@testudo/core/model/Finding";
import { listDue, markDead, markRetry, markSent, markSkipped, nextDueAt, type OutboxRow } from "../store/outbox.ts";
import type { Store } from "../store/Store.ts";
import { type Channel, ChannelGoneError, DeliveryError } from "./Channel.ts";

/** Settings of the worker. Times in milliseconds. */
export interface OutboxWorkerOptions {
  readonly store: Store;
  readonly channels: readonly Channel[];
  /** Ends the worker; deliveries under way are broken off and made again at the next start. */
  readonly signal: AbortSignal;
  /** Told of each notice that was given up, so that a health finding can be raised; not of health notices themselves. */
  readonly onDead?: (row: OutboxRow, error: string) => void;
  /** From 0 inclusive to 1 exclusive, for the jitter. */
  readonly random?: () => number;
  /** How long a notice is tried; default 24 h. */
  readonly maxAgeMs?: number;
  /** First and longest delay before the jitter; default 1 s and 1 h. */
  readonly baseDelayMs?: number;
  readonly maxDelayMs?: number;
  /** Deliveries of one channel at a time; default 4. */
  readonly concurrency?: number;
}

/** A running worker. */
export interface OutboxWorker {
  /** Looks at once for new rows; to be called after each commit with notices. */
  wake(): void;
  /** Resolves after the signal, when nothing is under way; rejects when the store fails. */
  readonly done: Promise<void>;
}

type Settings = Required<Omit<OutboxWorkerOptions, "channels" | "onDead">> & Pick<OutboxWorkerOptions, "onDead">;

// Looks again now and then even if told nothing: the computer's clock may have been set back.
const longestSleepMs = 60_000;

/** Starts carrying out what is pending, from before a restart too (DELIV-02). */
export function startOutboxWorker(options: OutboxWorkerOptions): OutboxWorker {
  const defaults = {
    random: Math.random,
    maxAgeMs: 86_400_000,
    baseDelayMs: 1_000,
    maxDelayMs: 3_600_000,
    concurrency: 4,
  };
  const settings: Settings = { ...defaults, ...options };
  const bells = options.channels.map(() => openBell());
  const loops = options.channels.map((channel, i) => carryChannel(settings, channel, bells[i]!));
  const wake = () => {
    for (const bell of bells) bell.ring();
  };
  return { wake, done: Promise.all(loops).then(() => {}) };
}

async function carryChannel(settings: Settings, channel: Channel, bell: Bell): Promise<void> {
  const { store, signal, concurrency } = settings;
  const underWay = new Map<string, Promise<void>>();
  const gone = { error: undefined as string | undefined };
  let broken: unknown;
  const stop = () => bell.ring();
  signal.addEventListener("abort", stop);
  try {
    while (!signal.aborted && broken === undefined) {
      const due = await listDue(store, [channel.name], store.now(), concurrency * 2);
      const free = due.filter((row) => !underWay.has(row.thread)).slice(0, concurrency - underWay.size);
      for (const row of free) {
        const work = carry(settings, channel, row, gone)
          .catch((error: unknown) => {
            broken = error ?? new Error("Store failed.");
          })
          .finally(() => {
            underWay.delete(row.thread);
            bell.ring();
          });
        underWay.set(row.thread, work);
      }
      if (free.length === 0) await bell.wait(underWay.size > 0 ? longestSleepMs : await sleepMs(store, channel.name));
    }
  } finally {
    signal.removeEventListener("abort", stop);
    await Promise.all(underWay.values());
  }
  if (broken !== undefined) throw broken;
}

async function sleepMs(store: Store, channel: string): Promise<number> {
  const at = await nextDueAt(store, [channel]);
  return at === undefined ? longestSleepMs : Math.min(Math.max(at - store.now(), 1), longestSleepMs);
}

async function carry(
  settings: Settings,
  channel: Channel,
  row: OutboxRow,
  gone: { error: string | undefined },
): Promise<void> {
  const { store, signal } = settings;
  if (!isAtLeast(row.notice.severity, channel.minSeverity)) return markSkipped(store, row.id);
  if (gone.error !== undefined) return bury(settings, row, gone.error);
  try {
    await channel.deliver(row.notice, signal);
  } catch (error) {
    // Broken off by us, not by the other side.
    if (signal.aborted) return;
    const message = error instanceof Error ? error.message : String(error);
    if (error instanceof ChannelGoneError) {
      gone.error = message;
      return bury(settings, row, message);
    }
    const age = store.now() - row.createdAt;
    if (age >= settings.maxAgeMs) return bury(settings, row, message);
    const named = error instanceof DeliveryError ? (error.retryAfterMs ?? 0) : 0;
    return markRetry(store, row.id, message, store.now() + Math.max(named, delayMs(settings, row.attempts)));
  }
  await markSent(store, row.id);
}

async function bury({ store, onDead }: Settings, row: OutboxRow, error: string): Promise<void> {
  await markDead(store, row.id, error);
  // The finding about a dead letter is a notice too; if that dies, telling it again would never end. `status` counts it.
  if (row.notice.topic !== "health") onDead?.(row, error);
}

/** Full jitter: anything up to the exponential delay, so that many senders do not come back at once. */
function delayMs({ baseDelayMs, maxDelayMs, random }: Settings, attempts: number): number {
  return Math.ceil(random() * Math.min(maxDelayMs, baseDelayMs * 2 ** Math.min(attempts, 40)));
}

/** Something to wait at; a ring before the wait is not lost. */
interface Bell {
  ring(): void;
  wait(ms: number): Promise<void>;
}

function openBell(): Bell {
  let rung = false;
  let wake: (() => void) | undefined;
  return {
    ring() {
      rung = true;
      wake?.();
    },
    async wait(ms) {
      if (!rung)
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, ms);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      wake = undefined;
      rung = false;
    },
  };
}
