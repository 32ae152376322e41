import { createHash } from "node:crypto";
import { type Kysely, type Migration, Migrator, sql } from "kysely";
import type { Tables } from "./Tables.ts";

// A published migration is never edited; a change is a new one.
// `fillfactor` leaves room on a page, so that an update of a hot row needs no new index entry.
const first = [
  "create table meta (key text primary key, value text not null)",
  "create table evidence (sequence int8 primary key, id text not null unique, previous text not null, body text not null)",
  `create table records (seq int8 primary key, id text not null, kind text not null, about text, state text,
     body text not null, evidence_seq int8 not null)`,
  "create index records_id on records (id)",
  "create index records_about on records (about, kind, seq)",
  "create index records_kind on records (kind, seq)",
  "create index records_evidence on records (evidence_seq, seq)",
  `create table notices (seq int8 primary key, id text not null unique, thread text not null, body text not null,
     evidence_seq int8 not null, sum text not null)`,
  "create table cells (key text primary key, value text not null, sum text not null) with (fillfactor = 60)",
  "create table undo (position int8 primary key, body text not null, sum text not null)",
  `create table cursor (one int2 primary key check (one = 1), body text not null, sum text not null) with (fillfactor = 40)`,
  `create table commands (action text not null, kind text not null, body text not null, sum text not null,
     created_at int8 not null, primary key (action, kind))`,
  `create table outbox (id int8 generated always as identity primary key, notice_id text not null, channel text not null,
     thread text not null, state text not null check (state in ('pending', 'sent', 'skipped', 'dead')),
     attempts int4 not null, next_at int8 not null, last_error text, created_at int8 not null, sent_at int8,
     sum text not null, unique (notice_id, channel),
     check ((state = 'sent') = (sent_at is not null)), check (state <> 'dead' or last_error is not null)) with (fillfactor = 80)`,
  "create index outbox_pending on outbox (channel, thread, id) where state = 'pending'",
  `create table transactions (id int8 generated always as identity primary key, action text not null, chain_id int8 not null,
     sender text not null, nonce int8 not null, hash text not null, raw text not null,
     state text not null check (state in ('stored', 'sent', 'included', 'failed', 'lost')), stored_at int8 not null, sum text not null,
     unique (chain_id, sender, nonce, hash))`,
  "create index transactions_action on transactions (action, id)",
  "create table nonces (chain_id int8 not null, sender text not null, next int8 not null, primary key (chain_id, sender))",
  "create table sums (name text primary key, rows int8 not null, total text not null) with (fillfactor = 40)",
  `insert into sums (name, rows, total) select name, 0, '0' from
     unnest(array['notices', 'cells', 'undo', 'cursor', 'commands', 'outbox', 'transactions']) as name`,
];

// What services answered: the names of threads, receipts of tests; and what is due later.
const delivery = [
  // `begun_at`: something of it may have arrived. `digest`: it goes as a part of that one message. `urgent`: it passes a storm.
  `alter table outbox add column begun_at int8, add column receipt text, add column digest text,
     add column urgent boolean not null default false`,
  `create table threads (channel text not null, thread text not null, root text, folded boolean not null,
     told_at int8 not null, primary key (channel, thread))`,
  `insert into threads (channel, thread, folded, told_at)
     select channel, thread, false, min(sent_at) from outbox where state = 'sent' group by channel, thread`,
  `create table receipts (channel text not null, notice_id text not null, at int8 not null, receipt text not null,
     primary key (channel, notice_id))`,
  "create index receipts_channel on receipts (channel, at)",
  `create table timers (kind text not null, key text not null, due_at int8 not null, body text not null,
     primary key (kind, key))`,
  "create index timers_due on timers (kind, due_at)",
];

// The newest block when bytes were first offered to the private relay, and when they first went to the public nodes.
const relay = ["alter table transactions add column relay_block int8, add column public_block int8"];

// When a row was given up; not known of those that were before.
const died = ["alter table outbox add column dead_at int8"];

// What a channel looks for: what is due next, digests, and what was given up. A look must not cost more the more waits.
const looks = [
  "create index outbox_due on outbox (channel, urgent, next_at, id) where state = 'pending'",
  "create index outbox_digests on outbox (channel, next_at) where state = 'pending' and digest is not null",
  "create index outbox_dead on outbox (channel, dead_at) where state = 'dead'",
];

// Bytes that were given to nobody while others put their action in force.
const freed = [
  `alter table transactions drop constraint transactions_state_check, add constraint transactions_state_check
     check (state in ('stored', 'sent', 'included', 'failed', 'lost', 'freed'))`,
];

const statements: Readonly<Record<string, readonly string[]>> = {
  "0001-first": first,
  "0002-delivery": delivery,
  "0003-relay": relay,
  "0004-died": died,
  "0005-looks": looks,
  "0006-freed": freed,
};

/** All migrations in order. Part of the program, not files, so that a bundled program has them too. */
export const migrations: Record<string, Migration> = Object.fromEntries(
  Object.entries(statements).map(([name, all]) => [name, migrationOf(all)]),
);

/** Twelve hexadecimal digits that change with any statement of any migration. */
export const schemaDigest = createHash("sha256").update(JSON.stringify(statements)).digest("hex").slice(0, 12);

function migrationOf(all: readonly string[]): Migration {
  return {
    async up(db: Kysely<never>) {
      for (const statement of all) await sql.raw(statement).execute(db);
    },
  };
}

/** Brings `db` to the newest schema. Throws what a migration threw; the database is then as it was before. */
export async function migrate(db: Kysely<Tables>): Promise<void> {
  if (await isNewest(db)) return;
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } });
  const { error } = await migrator.migrateToLatest();
  if (error) throw error;
}

// The migrator reads the whole catalogue of tables first, which takes half a second; the names alone tell as much.
async function isNewest(db: Kysely<Tables>): Promise<boolean> {
  const table = await sql<{ found: boolean }>`select to_regclass('kysely_migration') is not null as found`.execute(db);
  if (!table.rows[0]?.found) return false;
  const { rows } = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(db);
  return JSON.stringify(rows.map(({ name }) => name)) === JSON.stringify(Object.keys(migrations));
}
