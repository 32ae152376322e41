import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { Kysely, Migrator, sql } from "kysely";
import { afterAll, expect, test } from "vitest";
import { migrate, migrations } from "./migrations.ts";
import { openStore } from "./openStore.ts";
import { pgliteDialect } from "./pgliteDialect.ts";
import type { Tables } from "./Tables.ts";

const db = new Kysely<Tables>({ dialect: pgliteDialect(await PGlite.create()) });
afterAll(() => db.destroy());

/** Every column, index and constraint, and the rows that a new database has. */
async function contentOf(db: Kysely<Tables>): Promise<unknown> {
  const columns = await sql`select table_name, column_name, data_type, column_default, is_nullable
    from information_schema.columns where table_schema = 'public' order by 1, 2`.execute(db);
  const indexes = await sql`select indexdef from pg_indexes where schemaname = 'public' order by 1`.execute(db);
  const checks = await sql`select conrelid::regclass::text, conname, pg_get_constraintdef(oid) from pg_constraint
    order by 1, 2`.execute(db);
  const options = await sql`select relname, reloptions from pg_class where reloptions is not null order by 1`.execute(
    db,
  );
  const sums = await sql`select * from sums order by name`.execute(db);
  const applied = await sql`select name from kysely_migration order by name`.execute(db);
  return [columns, indexes, checks, options, sums, applied].map(({ rows }) => rows);
}

test("FIND-04: threads that an older version told are known after the migration, so that their retraction is told, too", async () => {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } });
  expect((await migrator.migrateTo("0001-first")).error).toBeUndefined();
  await sql`insert into outbox (notice_id, channel, thread, state, attempts, next_at, created_at, sent_at, sum) values
    ('n1', 'c', 't1', 'sent', 1, 0, 1, 5, ''), ('n2', 'c', 't1', 'sent', 1, 0, 2, 9, ''), ('n3', 'c', 't2', 'pending', 0, 0, 3, null, '')`.execute(
    db,
  );
  await migrate(db);
  const threads = await db.selectFrom("threads").selectAll().execute();
  expect(threads.map((row) => ({ ...row, told_at: Number(row.told_at) }))).toEqual([
    { channel: "c", thread: "t1", root: null, folded: false, told_at: 5 },
  ]);
  const urgent = await db.selectFrom("outbox").select("urgent").execute();
  expect(urgent).toEqual([{ urgent: false }, { urgent: false }, { urgent: false }]);

  // Once more is nothing more.
  await migrate(db);
});

test("behavior: the database that a first start copies has what all migrations make", async () => {
  const folder = mkdtempSync(join(tmpdir(), "testudo-migrated-"));
  const store = await openStore(folder);
  try {
    await migrate(db);
    expect(await contentOf(store.db)).toEqual(await contentOf(db));
  } finally {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
