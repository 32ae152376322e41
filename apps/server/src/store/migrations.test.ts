import { PGlite } from "@electric-sql/pglite";
import { Kysely, Migrator, sql } from "kysely";
import { expect, test } from "vitest";
import { migrate, migrations } from "./migrations.ts";
import { pgliteDialect } from "./pgliteDialect.ts";
import type { Tables } from "./Tables.ts";

test("FIND-04: threads that an older version told are known after the migration, so that their retraction is told, too", async () => {
  const db = new Kysely<Tables>({ dialect: pgliteDialect(await PGlite.create()) });
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
  await db.destroy();
});
