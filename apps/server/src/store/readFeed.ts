import { sql } from "kysely";
import type { Store } from "./Store.ts";

/** A record or notice as readers get it, in the order in which it was committed. `body` is its JSON. */
export interface FeedEntry {
  readonly seq: number;
  /** The record's kind, or `Notice`. */
  readonly kind: string;
  readonly body: string;
}

/** Up to `limit` entries after `afterSeq`, oldest first. */
export async function readFeed(store: Store, afterSeq: number, limit = 500): Promise<FeedEntry[]> {
  const { rows } = await sql<FeedEntry>`
    (select seq, kind, body from records where seq > ${afterSeq} order by seq limit ${limit})
    union all
    (select seq, 'Notice' as kind, body from notices where seq > ${afterSeq} order by seq limit ${limit})
    order by seq limit ${limit}`.execute(store.db);
  return rows;
}

/** The number of the newest entry; 0 when there is none. */
export async function readFeedHead(store: Store): Promise<number> {
  const { rows } = await sql<{ seq: number }>`
    select greatest((select max(seq) from records), (select max(seq) from notices), 0)::int8 as seq`.execute(store.db);
  return rows[0]!.seq;
}
