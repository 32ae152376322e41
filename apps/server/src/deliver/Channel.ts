import type { Severity } from "@testudo/core/model/Finding";
import type { Notice } from "@testudo/core/model/Notice";
import type { Rules } from "./Rules.ts";

/** A way to people. `name` stands in the outbox: a channel that is renamed is a new one. */
export interface Channel {
  readonly name: string;
  /** Notices below are skipped. */
  readonly minSeverity: Severity;
  /** Which of those it wants, and how many at a time. */
  readonly rules?: Rules;
  /** Who shares this channel's global rate limit: the service and the account. */
  readonly service?: string;
  /**
   * Resolves when the other side has taken `notice`. Throws ChannelGoneError when it will never take one again,
   * NoticeRefusedError when it will never take this one, anything else to be asked again later. May be called again with the
   * same notice, by its `id`. `thread` is never left out: what is not passed on is a thread that is lost, and no compiler would
   * say so.
   */
  deliver(notice: Notice, signal: AbortSignal, thread: Thread): Promise<Receipt | undefined>;
}

/** What is known of a notice's thread on the other side. */
export interface Thread {
  /** What the service calls it (see Receipt); null where it has no name, or none was told. */
  readonly root: string | null;
  /** It began as one line of a digest: what closes one alert must not close the digest's ticket. */
  readonly folded: boolean;
  /** An attempt was begun before: it may have arrived, so look first where the service lets us. */
  readonly again: boolean;
}

/** A thread of which nothing is known. */
export const newThread: Thread = { root: null, folded: false, again: false };

/** What the other side answered. */
export interface Receipt {
  /** What the service calls the thread: kept, and given at the next notice of it. */
  readonly root?: string;
  /** What it said, for the record. */
  readonly said?: string;
  /** It will refuse more for so long, and said so before refusing. */
  readonly restMs?: number;
}

/** What else is known of a failed delivery. */
export interface DeliveryErrorOptions {
  readonly cause?: unknown;
  /** The other side named a time. */
  readonly retryAfterMs?: number | undefined;
  /** Who waits for that time: this notice only, the whole channel, or every channel of the same service. */
  readonly holds?: "notice" | "channel" | "service";
  /** It will not get better by itself: a token that was withdrawn, a room that was archived. Told at once, tried on. */
  readonly needsPerson?: boolean;
}

/** A delivery failed for now. */
export class DeliveryError extends Error {
  override readonly name: string = "DeliveryError";
  readonly retryAfterMs: number | undefined;
  readonly holds: "notice" | "channel" | "service";
  readonly needsPerson: boolean;
  constructor(message: string, options: DeliveryErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.retryAfterMs = options.retryAfterMs;
    this.holds = options.holds ?? "notice";
    this.needsPerson = options.needsPerson ?? false;
  }
}

/** The other side will never take this notice; others it may. */
export class NoticeRefusedError extends Error {
  override readonly name = "NoticeRefusedError";
}

/** The other side has switched the channel off for good. */
export class ChannelGoneError extends Error {
  override readonly name = "ChannelGoneError";
}
