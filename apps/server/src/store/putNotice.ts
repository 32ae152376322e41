import type { Notice } from "@testudo/core/model/Notice";
import { sql, type Transaction } from "kysely";
import { openSumChange } from "./checksums.ts";
import type { FeedEntry } from "./readFeed.ts";
import type { Store } from "./Store.ts";
import type { Tables } from "./Tables.ts";
import { writeNotices } from "./writeRecords.ts";

/**
 * Puts a notice that no finding led to (a test, a reminder) into the outbox of `channels`, once per id. It hangs on the newest
 * link of the chain of evidence. `also` is done in the same transaction. Returns what is new for readers of the feed.
 */
export async function putNotice(
  store: Store,
  notice: Notice,
  channels: readonly string[],
  also?: (trx: Transaction<Tables>) => Promise<void>,
): Promise<readonly FeedEntry[]> {
  return store.db.transaction().execute(async (trx) => {
    const { rows } = await sql<{ seq: number; sequence: number }>`select
      greatest((select max(seq) from records), (select max(seq) from notices), 0)::int8 as "seq",
      coalesce((select max(sequence) from evidence), 0)::int8 as "sequence"`.execute(trx);
    const { seq, sequence } = rows[0]!;
    const sums = openSumChange();
    const commits = [{ evidence: { sequence }, notices: [notice] }];
    const entries = await writeNotices(trx, sums, { commits, afterSeq: seq, channels, now: store.now() });
    await sums.write(trx);
    await also?.(trx);
    return entries;
  });
}
