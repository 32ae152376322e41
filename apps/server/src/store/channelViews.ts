import { sql } from "kysely";
import { type DeadLetter, deadLetterOf } from "./DeadLetter.ts";
import { listDeadOfEach } from "./outbox.ts";
import type { Store } from "./Store.ts";
import { listTimers } from "./timers.ts";

/** How a channel is. Times in Unix milliseconds. */
export interface ChannelView {
  readonly name: string;
  /** The newest test that went through, and what was answered. */
  readonly receipt: { readonly at: number; readonly notice: string; readonly said: string } | null;
  readonly nextTestAt: number;
  /** No test went through for eight days, or since it was set up. */
  readonly isStale: boolean;
  readonly pending: number;
  readonly dead: number;
  /** Of the oldest notice that waits after a failure. */
  readonly lastError: string | null;
  /** Those of the dead that died last, the last first. */
  readonly deadLetters: DeadLetter[];
}

const staleMs = 8 * 86_400_000;
const shownLetters = 3;

/** The channels of the watch that ran last, by name (SELF-03). */
export async function listChannels(store: Store): Promise<ChannelView[]> {
  const timers = await listTimers(store, "channel-test");
  const receipts = await store.db
    .selectFrom("receipts")
    .distinctOn("channel")
    .selectAll()
    .orderBy("channel")
    .orderBy("at", "desc")
    .execute();
  const { rows: counts } = await sql<{ channel: string; pending: number; dead: number; error: string | null }>`
    select channel, count(*) filter (where state = 'pending') as pending, count(*) filter (where state = 'dead') as dead,
      (array_agg(last_error order by id) filter (where state = 'pending' and last_error is not null))[1] as error
    from outbox where state in ('pending', 'dead') group by channel`.execute(store.db);
  const letters = (await listDeadOfEach(store, shownLetters)).map(deadLetterOf);
  const now = store.now();
  return timers
    .map(({ key, dueAt, body }): ChannelView => {
      const receipt = receipts.find(({ channel }) => channel === key);
      const count = counts.find(({ channel }) => channel === key);
      const { since } = JSON.parse(body) as { since: number };
      return {
        name: key,
        receipt: receipt === undefined ? null : { at: receipt.at, notice: receipt.notice_id, said: receipt.receipt },
        nextTestAt: dueAt,
        isStale: now - (receipt?.at ?? since) > staleMs,
        pending: count?.pending ?? 0,
        dead: count?.dead ?? 0,
        lastError: count?.error ?? null,
        deadLetters: letters.filter(({ channel }) => channel === key),
      };
    })
    .sort((a, b) => a.name.localeCompare(b.name));
}
