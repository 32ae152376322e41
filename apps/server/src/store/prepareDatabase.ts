import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { type Kysely, sql } from "kysely";
import { preparedFolder } from "./copyPrepared.ts";
import { openStore } from "./openStore.ts";
import type { Tables } from "./Tables.ts";

/**
 * Leaves an empty database at `prepared`, from which a first start copies, and removes those of other versions beside
 * it. Does nothing where it is there already.
 */
export async function prepareDatabase(prepared: string = preparedFolder): Promise<void> {
  if (existsSync(prepared)) return;
  const parent = dirname(prepared);
  const work = join(parent, `.${process.pid}`);
  mkdirSync(parent, { recursive: true });
  try {
    const store = await openStore(work, { prepared });
    await dropOthers(store.db);
    // A copy tells its own day.
    await sql`delete from meta`.execute(store.db);
    await store.tidy();
    await store.close();
    closeToOthers(join(work, "db"));
    // Another build may have been first.
    if (!existsSync(prepared)) renameSync(join(work, "db"), prepared);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  for (const name of readdirSync(parent))
    if (name !== basename(prepared)) rmSync(join(parent, name), { recursive: true, force: true });
}

// Of the three databases that a server is made with we use one. The others are two thirds of the files that a start copies.
async function dropOthers(db: Kysely<Tables>): Promise<void> {
  const { rows } = await sql<{ name: string }>`select datname as name from pg_database
    where datname <> current_database()`.execute(db);
  for (const name of rows.map((row) => sql.id(row.name))) {
    await sql`alter database ${name} is_template false`.execute(db);
    await sql`drop database ${name}`.execute(db);
  }
}

// PGlite lets everyone write into its files, which lie in a closed folder elsewhere. Here everyone may read.
function closeToOthers(folder: string): void {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true }))
    chmodSync(join(entry.parentPath, entry.name), entry.isDirectory() ? 0o755 : 0o644);
}
