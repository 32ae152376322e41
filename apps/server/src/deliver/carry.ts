// One delivery: what leaves, and what is marked for each way in which it can end.
import type { Hex } from "@testudo/core/model/Hex";
import type { Notice } from "@testudo/core/model/Notice";
import { markSent } from "../store/markSent.ts";
import { markBegun, markDead, markRetry, type OutboxRow } from "../store/outbox.ts";
import type { Store } from "../store/Store.ts";
import { type Channel, ChannelGoneError, DeliveryError, NoticeRefusedError, type Receipt } from "./Channel.ts";
import { digestOf } from "./digestOf.ts";
import type { RateLimits } from "./RateLimits.ts";

/** What goes as one message: a row, or the rows of a digest. */
export interface Parcel {
  readonly rows: readonly OutboxRow[];
  readonly digest: string | null;
}

/** What a delivery needs to know. Times in milliseconds. */
export interface Carrier {
  readonly store: Store;
  readonly channel: Channel;
  readonly limits: RateLimits;
  readonly signal: AbortSignal;
  readonly random: () => number;
  readonly maxAgeMs: number;
  readonly baseDelayMs: number;
  readonly maxDelayMs: number;
  readonly onDead: ((row: OutboxRow, error: string) => void) | undefined;
  readonly onBuried: ((channel: string, notices: number) => void) | undefined;
  readonly onFailing: ((channel: string, error: string) => void) | undefined;
  /** Of the channel's life so far: why it is gone, and whether a person was told that it fails. */
  readonly life: { gone: string | undefined; isFailing: boolean };
}

// A service may say anything. After a day a notice is given up anyway, and no database holds the end of time.
const mostRestMs = 86_400_000;

function restOf(ms: number): number {
  return ms > 0 ? Math.min(mostRestMs, Math.ceil(ms)) : 0;
}

/** Delivers `parcel` and marks its rows. Throws what the store throws, nothing else. */
export async function carry(carrier: Carrier, parcel: Parcel): Promise<void> {
  const { store, channel, limits, signal, life } = carrier;
  if (life.gone !== undefined) return bury(carrier, parcel, life.gone);
  const [first] = parcel.rows;
  const { told } = first!;
  const again = parcel.rows.some((row) => row.isBegun);
  await markBegun(store, idsOf(parcel));
  let receipt: Receipt | undefined;
  try {
    const thread = { root: told?.root ?? null, folded: told?.folded ?? false, again };
    receipt = await channel.deliver(noticeOf(parcel), signal, thread);
  } catch (error) {
    // Broken off by us, not by the other side.
    if (!signal.aborted) await fail(carrier, parcel, error);
    return;
  }
  life.isFailing = false;
  if (receipt?.restMs !== undefined) limits.rest(channel, "channel", store.now(), restOf(receipt.restMs));
  await markSent(store, idsOf(parcel), {
    root: receipt?.root,
    said: receipt?.said,
    folded: parcel.digest !== null,
    isTest: first!.notice.transition === "test",
  });
}

function noticeOf({ rows, digest }: Parcel): Notice {
  const notices = rows.map((row) => row.notice);
  return digest === null ? notices[0]! : digestOf(digest as Hex, notices);
}

async function fail(carrier: Carrier, parcel: Parcel, error: unknown): Promise<void> {
  const { store, channel, limits, life, onFailing } = carrier;
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof ChannelGoneError) {
    life.gone = message;
    return bury(carrier, parcel, message);
  }
  if (error instanceof NoticeRefusedError) return bury(carrier, parcel, message);
  const oldest = Math.min(...parcel.rows.map((row) => row.createdAt));
  if (store.now() - oldest >= carrier.maxAgeMs) return bury(carrier, parcel, message);
  const { retryAfterMs = 0, holds = "notice", needsPerson = false } = error instanceof DeliveryError ? error : {};
  const restMs = restOf(retryAfterMs);
  if (holds !== "notice" && restMs > 0) limits.rest(channel, holds, store.now(), restMs);
  if (needsPerson && !life.isFailing) {
    life.isFailing = true;
    onFailing?.(channel.name, message);
  }
  const attempts = Math.max(...parcel.rows.map((row) => row.attempts));
  const wait = Math.max(restMs, delayMs(carrier, attempts));
  return markRetry(store, idsOf(parcel), message, store.now() + wait);
}

async function bury({ store, channel, onDead, onBuried }: Carrier, parcel: Parcel, error: string): Promise<void> {
  await markDead(store, idsOf(parcel), error);
  onBuried?.(channel.name, parcel.rows.length);
  // The finding about a dead letter is a notice too; if that dies, telling it again would never end. `status` counts it. A
  // test is sent once a week and asks for just this (SELF-03).
  const row = parcel.rows.find(({ notice }) => notice.topic !== "health" || notice.transition === "test");
  if (row) onDead?.(row, error);
}

function idsOf({ rows }: Parcel): readonly number[] {
  return rows.map((row) => row.id);
}

/**
 * Full jitter: anything up to the exponential delay, so that many senders do not come back at once; never nothing, or a channel
 * that fails at once would keep everything else from running.
 */
function delayMs({ baseDelayMs, maxDelayMs, random }: Carrier, attempts: number): number {
  return Math.max(1, Math.ceil(random() * Math.min(maxDelayMs, baseDelayMs * 2 ** Math.min(attempts, 40))));
}
