import type { Hex } from "@testudo/core/model/Hex";
import type { EvidenceRecord } from "@testudo/core/model/Output";
import { fromPlainJson } from "@testudo/core/model/plainJson";
import type { Store } from "./Store.ts";

/** A record with its place: `seq` orders all records, `evidenceSequence` names the link that holds it. */
export interface StoredRecord<R extends EvidenceRecord = EvidenceRecord> {
  readonly seq: number;
  readonly evidenceSequence: number;
  readonly record: R;
}

/** Which records: all kinds, from the start, 500 at most unless said otherwise. `about` is a finding's, incident's or action's id. */
export interface RecordFilter {
  readonly kinds?: readonly EvidenceRecord["kind"][];
  readonly about?: readonly string[];
  readonly afterSeq?: number;
  readonly beforeSeq?: number;
  readonly limit?: number;
  readonly newestFirst?: boolean;
}

/** The records that `filter` lets through, in order of `seq`. */
export async function listRecords(store: Store, filter: RecordFilter = {}): Promise<StoredRecord[]> {
  if (filter.kinds?.length === 0 || filter.about?.length === 0) return [];
  let query = store.db.selectFrom("records").select(["seq", "evidence_seq", "body"]);
  if (filter.kinds) query = query.where("kind", "in", filter.kinds);
  if (filter.about) query = query.where("about", "in", filter.about);
  if (filter.afterSeq !== undefined) query = query.where("seq", ">", filter.afterSeq);
  if (filter.beforeSeq !== undefined) query = query.where("seq", "<", filter.beforeSeq);
  const rows = await query
    .orderBy("seq", filter.newestFirst ? "desc" : "asc")
    .limit(filter.limit ?? 500)
    .execute();
  return rows.map(toStored);
}

/** The record with `id`, or undefined. A record that was written twice is the same one. */
export async function getRecord(store: Store, id: Hex): Promise<StoredRecord | undefined> {
  const row = await store.db
    .selectFrom("records")
    .select(["seq", "evidence_seq", "body"])
    .where("id", "=", id)
    .orderBy("seq")
    .limit(1)
    .executeTakeFirst();
  return row && toStored(row);
}

export function toStored(row: { seq: number; evidence_seq: number; body: string }): StoredRecord {
  return { seq: row.seq, evidenceSequence: row.evidence_seq, record: fromPlainJson<EvidenceRecord>(row.body) };
}
