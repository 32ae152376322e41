// Everything that tells people: the outbox's worker, the timers of escalations, and the weekly tests of channels.
import type { Hex } from "@testudo/core/model/Hex";
import type { Channel } from "../deliver/Channel.ts";
import type { Escalation } from "../deliver/decideTimers.ts";
import { type OutboxWorkerOptions, startOutboxWorker } from "../deliver/outboxWorker.ts";
import { escalate } from "../jobs/timed/escalate.ts";
import { putTest, testChannels } from "../jobs/timed/testChannels.ts";
import { startTimekeeper } from "../jobs/timed/timekeeper.ts";
import type { FeedEntry } from "../store/readFeed.ts";
import type { Store } from "../store/Store.ts";

/** What is told to whom. Times in milliseconds. */
export interface DeliveryOptions {
  readonly store: Store;
  readonly chainId: number;
  readonly channels: readonly Channel[];
  readonly escalations: readonly Escalation[];
  /** How long a notice is tried, and how long to wait between. Defaults: a day, 1 s to 1 h. */
  readonly outbox?: Pick<OutboxWorkerOptions, "maxAgeMs" | "baseDelayMs" | "maxDelayMs"> | undefined;
  /** How often channels are tested, and when first; defaults a week, ten minutes. */
  readonly tests?: { readonly everyMs?: number; readonly firstMs?: number } | undefined;
  /** Told how many notices a channel has given up. */
  readonly onBuried?: (channel: string, notices: number) => void;
  /** Told what a channel has given up, or that it needs a person. */
  readonly onTrouble: (channel: string, message: string) => void;
  /** Told of notices that came from here, for readers of the feed. */
  readonly publish: (entries: readonly FeedEntry[]) => void;
  readonly signal: AbortSignal;
}

/** Running delivery. */
export interface Delivery {
  /** There are new notices. */
  wake(): void;
  /** Sends a test to a channel now; returns its notice. */
  test(channel: string): Promise<Hex>;
  /** Resolves after the signal; rejects when the store fails. */
  readonly done: Promise<void>;
}

export async function openDelivery(options: DeliveryOptions): Promise<Delivery> {
  const { store, channels, signal, onTrouble } = options;
  const names = channels.map(({ name }) => name);
  const worker = startOutboxWorker({
    store,
    channels,
    signal,
    ...options.outbox,
    ...(options.onBuried === undefined ? {} : { onBuried: options.onBuried }),
    onDead: ({ channel }, error) => onTrouble(channel, `Channel ${channel} gave up on a notice: ${error}`),
    onFailing: (channel, error) => onTrouble(channel, `Channel ${channel} needs a person; it is tried on: ${error}`),
  });
  const onPut = (entries: readonly FeedEntry[]) => {
    options.publish(entries);
    worker.wake();
  };
  const own = { store, chainId: options.chainId, onPut };
  const tasks = [
    await escalate({ ...own, rules: options.escalations, channels: names }),
    await testChannels({ ...own, channels: names, ...options.tests }),
  ];
  const keeper = startTimekeeper(tasks, () => store.now(), signal);
  return {
    wake() {
      worker.wake();
      keeper.wake();
    },
    test: async (channel) => (await putTest(own, channel, options.tests?.everyMs)).id,
    done: Promise.all([worker.done, keeper.done]).then(() => {}),
  };
}
