// A channel that nobody needs for months is found broken on the day it is needed. So each gets a message that means nothing, once a
// week, by the way of all alerts, and the answer is kept (SELF-03).
import type { Notice } from "@testudo/core/model/Notice";
import { hashOf } from "@testudo/core/model/Record";
import { putNotice } from "../../store/putNotice.ts";
import type { FeedEntry } from "../../store/readFeed.ts";
import type { Store } from "../../store/Store.ts";
import { clearTimers, listTimers, moveTimer, setTimer } from "../../store/timers.ts";
import type { Task } from "./timekeeper.ts";

/** What the tests of channels need. Times in milliseconds. */
export interface TestChannelsOptions {
  readonly store: Store;
  readonly chainId: number;
  readonly channels: readonly string[];
  readonly onPut: (entries: readonly FeedEntry[]) => void;
  /** Default a week. */
  readonly everyMs?: number;
  /** When a channel is tested that has never been; default ten minutes after the start. */
  readonly firstMs?: number;
}

export const weekMs = 7 * 86_400_000;
const defaultFirstMs = 600_000;

/** The task that tests channels when they are due; what is due while nobody runs is due at the next start. */
export async function testChannels(options: TestChannelsOptions): Promise<Task> {
  const { store, channels, everyMs = weekMs, firstMs = defaultFirstMs } = options;
  const now = store.now();
  for (const key of channels)
    await setTimer(store.db, "channel-test", { key, dueAt: now + firstMs, body: JSON.stringify({ since: now }) });
  const known = await listTimers(store, "channel-test");
  const gone = known.map(({ key }) => key).filter((key) => !channels.includes(key));
  await clearTimers(store.db, "channel-test", { keys: gone });
  return async () => {
    for (const { key } of await listTimers(store, "channel-test", store.now())) await putTest(options, key, everyMs);
    return (await listTimers(store, "channel-test"))[0]?.dueAt;
  };
}

/** Puts a test of `channel` into its outbox now; the next is due after `everyMs`. Returns the notice. */
export async function putTest(
  { store, chainId, onPut }: Pick<TestChannelsOptions, "store" | "chainId" | "onPut">,
  channel: string,
  everyMs = weekMs,
): Promise<Notice> {
  const now = store.now();
  const notice = testNotice(channel, chainId, now);
  onPut(await putNotice(store, notice, [channel], (trx) => moveTimer(trx, "channel-test", channel, now + everyMs)));
  return notice;
}

/** A message that means nothing. All tests of a channel are one thread, so that they stay out of the way. */
export function testNotice(channel: string, chainId: number, nowMs: number): Notice {
  const id = hashOf({ test: channel, at: nowMs });
  return {
    kind: "Notice",
    id,
    thread: hashOf({ tests: channel }),
    topic: "health",
    transition: "test",
    severity: "info",
    title: `Test of channel ${channel}: nothing has happened`,
    body: "Sent once a week, so that a broken channel shows before it is needed. Nobody has to answer.",
    chainId,
    blockNumber: 0n,
    blockHash: `0x${"0".repeat(64)}`,
    record: id,
    runbook: "",
  };
}
