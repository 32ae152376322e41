// One row per notice and channel (FIND-02). A row leaves `pending` only after its channel answered, so a crash in
// between delivers it again under the same notice id.
import type { Notice } from "@testudo/core/model/Notice";
import { fromPlainJson } from "@testudo/core/model/plainJson";
import { sql } from "kysely";
import type { Store } from "./Store.ts";
import type { OutboxState } from "./Tables.ts";

/** A row to deliver. Times in Unix milliseconds; `attempts` were made before and failed. */
export interface OutboxRow {
  readonly id: number;
  readonly channel: string;
  readonly thread: string;
  readonly notice: Notice;
  readonly attempts: number;
  readonly createdAt: number;
  readonly lastError: string | null;
  /** When it was given up; null for what is not, or was by a version that did not note it. */
  readonly diedAt: number | null;
  /** Whether an attempt was begun before: something of it may have arrived. */
  readonly isBegun: boolean;
  /** Critical, or a test. */
  readonly isUrgent: boolean;
  /** The digest that it is a part of. */
  readonly digest: string | null;
  /** What the channel was told of the thread before; null for nothing. */
  readonly told: { readonly root: string | null; readonly folded: boolean } | null;
}

/** Rows per state. */
export type OutboxCount = Readonly<Record<OutboxState, number>>;

/** Which due rows: `single` leaves out those that may be folded into a digest. */
export interface DueFilter {
  readonly limit?: number;
  readonly single?: boolean;
}

// What passes a storm one by one: what is critical, and what belongs into a thread of its own that is there already (FIND-04).
const passes = sql`(o.urgent or exists (select 1 from threads t where t.channel = o.channel and t.thread = o.thread and t.folded = false))`;

// Asked of each row in the order of the index, so that a look ends where it has enough, however many wait. Not as \`not exists\`,
// for which all rows would be joined with all.
const isOldest = sql`o.id = (
  select min(e.id) from outbox e where e.state = 'pending' and e.channel = o.channel and e.thread = o.thread)`;

/**
 * Pending rows of `channels` that are due at `nowMs`, urgent ones first, then what has been due for longest: what
 * fails again and again must not keep the rest from a first try. Of each channel's thread only the oldest pending row is given, so
 * that a retraction never overtakes its alert.
 */
export async function listDue(
  store: Store,
  channels: readonly string[],
  nowMs: number,
  { limit = 100, single = false }: DueFilter = {},
): Promise<OutboxRow[]> {
  const due = (channel: string, urgent: boolean) => sql`(
    select o.* from outbox o
    where o.state = 'pending' and o.channel = ${channel} and o.urgent = ${urgent} and o.next_at <= ${nowMs}
      and o.digest is null and ${isOldest} and (${single} = false or ${passes})
    order by o.next_at, o.id limit ${limit})`;
  if (channels.length === 0) return [];
  const parts = channels.flatMap((channel) => [due(channel, true), due(channel, false)]);
  const { rows } = await sql<RawRow>`
    select ${columns} from (${sql.join(parts, sql` union all `)}) o
    join notices n on n.id = o.notice_id left join threads t on t.channel = o.channel and t.thread = o.thread
    order by o.urgent desc, o.next_at, o.id limit ${limit}`.execute(store.db);
  return rows.map(toRow);
}

/** When the next pending row of `channels` is due, in Unix milliseconds; undefined when none is. `single` as for `listDue`. */
export async function nextDueAt(
  store: Store,
  channels: readonly string[],
  { single = false }: Pick<DueFilter, "single"> = {},
): Promise<number | undefined> {
  const next = (channel: string, urgent: boolean) => sql`(
    select o.next_at from outbox o
    where o.state = 'pending' and o.channel = ${channel} and o.urgent = ${urgent}
      and ${isOldest} and (${single} = false or o.digest is not null or ${passes})
    order by o.next_at, o.id limit 1)`;
  if (channels.length === 0) return undefined;
  const parts = channels.flatMap((channel) => [next(channel, true), next(channel, false)]);
  const { rows } = await sql<{ at: number | null }>`
    select min(next_at)::int8 as at from (${sql.join(parts, sql` union all `)}) o`.execute(store.db);
  return rows[0]?.at ?? undefined;
}

/** Makes rows of `channel` due at `nowMs` that were put, or tried last, after it: by a clock that was set back since. */
export async function hasten(store: Store, channel: string, nowMs: number): Promise<void> {
  await store.db
    .updateTable("outbox")
    .set({ next_at: nowMs })
    .where("state", "=", "pending")
    .where("channel", "=", channel)
    .where("next_at", ">", nowMs)
    .where((e) => e(e.fn.coalesce("begun_at", "created_at"), ">", nowMs))
    .execute();
}

/** An attempt begins: from here on something may have arrived. */
export async function markBegun(store: Store, ids: readonly number[]): Promise<void> {
  await store.db.updateTable("outbox").set({ begun_at: store.now() }).where("id", "in", ids).execute();
}

/** The channel does not want it: by its severity or by its rules. */
export async function markSkipped(store: Store, id: number): Promise<void> {
  await settle(store, [id], { state: "skipped" });
}

/** Given up: stays visible until a person requeues it. */
export async function markDead(store: Store, id: number | readonly number[], error: string): Promise<void> {
  const change = { state: "dead", last_error: toText(error), dead_at: store.now() } as const;
  await settle(store, typeof id === "number" ? [id] : id, change);
}

/** Failed for now; due again at `nextAtMs`. */
export async function markRetry(
  store: Store,
  id: number | readonly number[],
  error: string,
  nextAtMs: number,
): Promise<void> {
  await store.db
    .updateTable("outbox")
    .set((e) => ({ attempts: e("attempts", "+", 1), next_at: nextAtMs, last_error: toText(error) }))
    .where("id", "in", typeof id === "number" ? [id] : id)
    .where("state", "=", "pending")
    .execute();
}

async function settle(
  store: Store,
  ids: readonly number[],
  change: { state: OutboxState; last_error?: string; dead_at?: number },
): Promise<void> {
  await store.db
    .updateTable("outbox")
    .set((e) => ({ ...change, attempts: e("attempts", "+", change.state === "skipped" ? 0 : 1) }))
    .where("id", "in", ids)
    .where("state", "=", "pending")
    .execute();
}

/** Puts dead rows of `channel` back into the queue, as new; returns how many. */
export async function requeueDead(store: Store, channel: string): Promise<number> {
  const now = store.now();
  const rows = await store.db
    .updateTable("outbox")
    .set({ state: "pending", attempts: 0, next_at: now, dead_at: null })
    .where("channel", "=", channel)
    .where("state", "=", "dead")
    .returning("id")
    .execute();
  return rows.length;
}

/** Dead rows, newest first: what `status` shows (DELIV-02). */
export async function listDead(store: Store, limit = 100): Promise<OutboxRow[]> {
  const { rows } = await sql<RawRow>`
    select ${columns} from outbox o join notices n on n.id = o.notice_id
    left join threads t on t.channel = o.channel and t.thread = o.thread
    where o.state = 'dead' order by o.id desc limit ${limit}`.execute(store.db);
  return rows.map(toRow);
}

/** The newest `perChannel` dead rows of each channel, those that died last first. */
export async function listDeadOfEach(store: Store, perChannel: number): Promise<OutboxRow[]> {
  const { rows } = await sql<RawRow>`
    select ${columns} from (
      select *, row_number() over (partition by channel order by dead_at desc nulls last, id desc) as nth
      from outbox where state = 'dead'
    ) o join notices n on n.id = o.notice_id left join threads t on t.channel = o.channel and t.thread = o.thread
    where o.nth <= ${perChannel} order by o.channel, o.nth`.execute(store.db);
  return rows.map(toRow);
}

/** Dead rows over all channels. Asked for at every look at the metrics, while what was sent grows for ever. */
export async function countDead(store: Store): Promise<number> {
  const { rows } = await sql<{ dead: number }>`
    select count(*)::int8 as dead from outbox where state = 'dead'`.execute(store.db);
  return rows[0]!.dead;
}

/** Rows per state over all channels. */
export async function countOutbox(store: Store): Promise<OutboxCount> {
  const rows = await store.db
    .selectFrom("outbox")
    .select(["state", (e) => e.fn.countAll<number>().as("rows")])
    .groupBy("state")
    .execute();
  const count = { pending: 0, sent: 0, skipped: 0, dead: 0 };
  for (const row of rows) count[row.state] = row.rows;
  return count;
}

/** What a row of `o` (outbox), `n` (notices) and `t` (threads) is read as. */
export const columns = sql`o.id, o.channel, o.thread, o.attempts, o.created_at, o.last_error, o.dead_at, o.begun_at, o.urgent, o.digest, n.body,
  t.folded as folded, t.root as root`;

/** A row as `columns` gives it. */
export interface RawRow {
  readonly id: number;
  readonly channel: string;
  readonly thread: string;
  readonly attempts: number;
  readonly created_at: number;
  readonly last_error: string | null;
  readonly dead_at: number | null;
  readonly begun_at: number | null;
  readonly urgent: boolean;
  readonly digest: string | null;
  readonly body: string;
  readonly folded: boolean | null;
  readonly root: string | null;
}

export function toRow(row: RawRow): OutboxRow {
  const {
    id,
    channel,
    thread,
    attempts,
    created_at,
    last_error,
    dead_at,
    begun_at,
    urgent,
    digest,
    body,
    folded,
    root,
  } = row;
  return {
    id,
    channel,
    thread,
    attempts,
    createdAt: created_at,
    lastError: last_error,
    diedAt: dead_at,
    notice: fromPlainJson<Notice>(body),
    isBegun: begun_at !== null,
    isUrgent: urgent,
    digest,
    told: folded === null ? null : { root, folded },
  };
}

/** An error may quote bytes of a foreign server; PostgreSQL text holds no NUL and no lone surrogate. */
export function toText(error: string): string {
  return Buffer.from(error.slice(0, 1_000), "utf8").toString().replaceAll("\0", "");
}
