// Rows that go out as one message. Which they are is stored before it leaves, so that a digest that is tried again is the same.
import { sql } from "kysely";
import { columns, type OutboxRow, type RawRow, toRow } from "./outbox.ts";
import type { Store } from "./Store.ts";

/** A digest that waits to be delivered: its rows, oldest first. */
export interface OpenDigest {
  readonly id: string;
  readonly rows: readonly OutboxRow[];
}

const mostRows = 2_000;

/**
 * Pending rows of `channel` that may be folded, oldest first. A thread's rows are given up to the first that has to go by
 * itself, so that none overtakes another.
 */
export async function listFoldable(store: Store, channel: string, nowMs: number): Promise<OutboxRow[]> {
  const { rows } = await sql<RawRow & { next_at: number }>`
    select ${columns}, o.next_at from outbox o join notices n on n.id = o.notice_id
    left join threads t on t.channel = o.channel and t.thread = o.thread
    where o.state = 'pending' and o.channel = ${channel} order by o.id limit ${mostRows}`.execute(store.db);
  const blocked = new Set<string>();
  return rows.flatMap((raw) => {
    const row = toRow(raw);
    const alone = row.isUrgent || row.told?.folded === false || row.digest !== null || raw.next_at > nowMs;
    if (alone) blocked.add(row.thread);
    return blocked.has(row.thread) ? [] : [row];
  });
}

/** Makes the rows `ids` a part of the digest `id`. */
export async function foldInto(store: Store, id: string, ids: readonly number[]): Promise<void> {
  await store.db.updateTable("outbox").set({ digest: id }).where("id", "in", ids).execute();
}

/** Digests of `channel` that are due at `nowMs`. */
export async function listDigests(store: Store, channel: string, nowMs: number): Promise<OpenDigest[]> {
  const { rows } = await sql<RawRow>`
    select ${columns} from outbox o join notices n on n.id = o.notice_id
    left join threads t on t.channel = o.channel and t.thread = o.thread
    where o.state = 'pending' and o.channel = ${channel} and o.digest is not null and o.next_at <= ${nowMs}
    order by o.id`.execute(store.db);
  const digests = new Map<string, OutboxRow[]>();
  for (const row of rows.map(toRow)) digests.set(row.digest!, [...(digests.get(row.digest!) ?? []), row]);
  return [...digests].map(([id, members]) => ({ id, rows: members }));
}
