import type { Severity } from "@testudo/core/model/Finding";
import type { Notice } from "@testudo/core/model/Notice";

/** A way to people. `name` stands in the outbox: a channel that is renamed is a new one. */
export interface Channel {
  readonly name: string;
  /** Notices below are skipped. */
  readonly minSeverity: Severity;
  /**
   * Resolves when the other side has taken `notice`. Throws ChannelGoneError when it will never take one again, anything
   * else to be asked again later. May be called again with the same notice, by its `id`.
   */
  deliver(notice: Notice, signal: AbortSignal): Promise<void>;
}

/** A delivery failed for now. `retryAfterMs`: the other side named a time. */
export class DeliveryError extends Error {
  override readonly name: string = "DeliveryError";
  readonly retryAfterMs: number | undefined;
  constructor(message: string, options: { readonly cause?: unknown; readonly retryAfterMs?: number } = {}) {
    super(message, { cause: options.cause });
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** The other side has switched the channel off for good. */
export class ChannelGoneError extends Error {
  override readonly name = "ChannelGoneError";
}
