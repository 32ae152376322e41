// Carries outbox rows to their channels, at least once and under a stable id. Channels do not wait for each other; within a
// channel's thread one notice at a time goes, the oldest first (FIND-04).
import { foldInto, listDigests, listFoldable } from "../store/digests.ts";
import { hasten, listDue, markSkipped, nextDueAt, type OutboxRow } from "../store/outbox.ts";
import type { Store } from "../store/Store.ts";
import { type Bell, openBell } from "./Bell.ts";
import type { Channel } from "./Channel.ts";
import { type Carrier, carry, type Parcel } from "./carry.ts";
import { digestId } from "./digestOf.ts";
import { openRateLimits } from "./RateLimits.ts";
import { afterFold, afterHold, afterSetBack, afterSingles, calm, decideFolding, type Storm } from "./Storm.ts";
import { wants } from "./wants.ts";

/** Settings of the worker. Times in milliseconds. */
export interface OutboxWorkerOptions {
  readonly store: Store;
  readonly channels: readonly Channel[];
  /** Ends the worker; deliveries under way are broken off and made again at the next start. */
  readonly signal: AbortSignal;
  /** Told of each notice that was given up, so that a health finding can be raised; not of health notices themselves. */
  readonly onDead?: (row: OutboxRow, error: string) => void;
  /** Told how many notices a channel has given up, of whatever kind. */
  readonly onBuried?: (channel: string, notices: number) => void;
  /** Told once when a channel fails in a way that only a person can mend; its notices are tried on. */
  readonly onFailing?: (channel: string, error: string) => void;
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

/** What the loop of one channel holds. */
interface Loop extends Carrier {
  readonly concurrency: number;
  readonly bell: Bell;
  readonly underWay: Map<string, Promise<void>>;
  storm: Storm;
  /** When it looked last, by the clock of the store. */
  lookedAtMs: number;
}

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
    onDead: undefined,
    onBuried: undefined,
    onFailing: undefined,
  };
  const limits = openRateLimits();
  const loops = options.channels.map((channel): Loop => {
    const life = { gone: undefined, isFailing: false };
    const own = {
      channel,
      limits,
      life,
      bell: openBell(),
      underWay: new Map<string, Promise<void>>(),
      storm: calm,
      lookedAtMs: Number.POSITIVE_INFINITY,
    };
    return { ...defaults, ...options, ...own };
  });
  const done = Promise.all(loops.map(run)).then(() => {});
  const wake = () => {
    for (const { bell } of loops) bell.ring();
  };
  return { wake, done };
}

async function run(loop: Loop): Promise<void> {
  const { signal, bell, underWay } = loop;
  let broken: unknown;
  const stop = () => bell.ring();
  signal.addEventListener("abort", stop);
  try {
    while (!signal.aborted && broken === undefined) {
      await heedClock(loop);
      const parcels = await gather(loop);
      for (const parcel of parcels) {
        const threads = parcel.rows.map((row) => row.thread);
        const work = carry(loop, parcel)
          .catch((error: unknown) => {
            broken = error ?? new Error("Store failed.");
          })
          .finally(() => {
            for (const thread of threads) underWay.delete(thread);
            bell.ring();
          });
        for (const thread of threads) underWay.set(thread, work);
      }
      if (parcels.length === 0) await bell.wait(underWay.size > 0 ? longestSleepMs : await sleepMs(loop));
    }
  } finally {
    signal.removeEventListener("abort", stop);
    await Promise.all(underWay.values());
  }
  if (broken !== undefined) throw broken;
}

/** Takes back what was reckoned by a clock that stands earlier now, be it since the last look or while nothing ran. */
async function heedClock(loop: Loop): Promise<void> {
  const now = loop.store.now();
  if (now < loop.lookedAtMs) {
    loop.storm = afterSetBack(loop.storm, now);
    loop.limits.setBack(now);
    await hasten(loop.store, loop.channel.name, now);
  }
  loop.lookedAtMs = now;
}

/** What goes next, at most as much as may be under way. */
async function gather(loop: Loop): Promise<readonly Parcel[]> {
  const { store, channel, limits, underWay, concurrency } = loop;
  const now = store.now();
  const places = concurrency - new Set(underWay.values()).size;
  if (places <= 0 || limits.restsUntil(channel) > now) return [];
  const folding = decideFolding(loop.storm, channel.rules?.foldAfter ?? 0, now);
  if (folding.kind === "fold") await fold(loop, now);
  const isFree = (rows: readonly OutboxRow[]) => rows.every((row) => !underWay.has(row.thread));
  const digests = (await listDigests(store, channel.name, now))
    .filter(({ rows }) => isFree(rows))
    .map(({ id, rows }) => ({ rows, digest: id }));
  const due = await listDue(store, [channel.name], now, { limit: concurrency * 2, single: folding.kind !== "single" });
  const wanted = await skipUnwanted(
    loop,
    due.filter((row) => isFree([row])),
    now,
  );
  const singles = folding.kind === "single" ? within(loop, wanted, folding.room, places, now) : wanted;
  return [...singles.map((row) => ({ rows: [row], digest: null })), ...digests].slice(0, places);
}

/** Of `rows` those that go one by one; notes what went and what is held back. */
function within(loop: Loop, rows: readonly OutboxRow[], room: number, places: number, now: number) {
  const taken: OutboxRow[] = [];
  let folded = 0;
  for (const row of rows.slice(0, places)) {
    const passes = row.isUrgent || row.told?.folded === false;
    if (!passes && folded >= room) loop.storm = afterHold(loop.storm, now);
    else {
      taken.push(row);
      if (!passes) folded += 1;
    }
  }
  loop.storm = afterSingles(loop.storm, folded, now);
  return taken;
}

async function skipUnwanted(
  { store, channel }: Loop,
  rows: readonly OutboxRow[],
  nowMs: number,
): Promise<readonly OutboxRow[]> {
  const { minSeverity, rules } = channel;
  const kept: OutboxRow[] = [];
  for (const row of rows) {
    // Of one digest the alert and what became of it may both be parts.
    const isTold = row.told !== null || kept.some(({ thread }) => thread === row.thread);
    if (wants(row.notice, { minSeverity, rules, isTold, nowMs })) kept.push(row);
    else await markSkipped(store, row.id);
  }
  return kept;
}

/** Makes digests of all that waits: one of what is new, and one for each earlier digest of what has become of its alerts. */
async function fold(loop: Loop, now: number): Promise<void> {
  const { store, channel, underWay } = loop;
  const waiting = (await listFoldable(store, channel.name, now)).filter((row) => !underWay.has(row.thread));
  const groups = new Map<string, OutboxRow[]>();
  for (const row of await skipUnwanted(loop, waiting, now)) {
    const root = row.told?.root ?? "";
    groups.set(root, [...(groups.get(root) ?? []), row]);
  }
  for (const rows of groups.values()) {
    const id = digestId(
      channel.name,
      rows.map((row) => row.notice),
    );
    await foldInto(
      store,
      id,
      rows.map((row) => row.id),
    );
  }
  loop.storm = afterFold(loop.storm, now);
}

async function sleepMs({ store, channel, limits, storm }: Loop): Promise<number> {
  const now = store.now();
  const folding = decideFolding(storm, channel.rules?.foldAfter ?? 0, now);
  const due = await nextDueAt(store, [channel.name], { single: folding.kind === "hold" });
  const next = Math.min(
    due ?? Number.POSITIVE_INFINITY,
    folding.kind === "hold" ? folding.until : Number.POSITIVE_INFINITY,
  );
  const at = Math.max(next, limits.restsUntil(channel));
  return Math.min(Math.max(at - now, 1), longestSleepMs);
}
