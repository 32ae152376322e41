import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { PGlite, types } from "@electric-sql/pglite";
import { Kysely, sql } from "kysely";
import { copyPrepared, preparedFolder } from "./copyPrepared.ts";
import { lockFolder } from "./lockFolder.ts";
import { migrate, migrations } from "./migrations.ts";
import { pgliteDialect } from "./pgliteDialect.ts";
import { readyFolder } from "./readyFolder.ts";
import type { Store } from "./Store.ts";
import { syncFolder } from "./syncFolder.ts";
import type { Tables } from "./Tables.ts";

// PostgreSQL writes all of its buffers when it starts: its default of 128 MiB took half of a start, and of its memory. What
// does not fit is in the system's cache.
const startParams = [...PGlite.defaultStartParams, "-c", "shared_buffers=32MB"];

/** Options for tests; `now` in Unix milliseconds, `prepared` where a database lies ready to be copied. */
export interface StoreOptions {
  readonly now?: () => number;
  readonly prepared?: string;
}

/**
 * Opens the store in `folder`/db, creating what is missing; the folder is readable by its owner only. What was
 * committed before a kill is there. Throws FolderUnusable where there can be no folder, FolderLockedError while another
 * process uses it, StoreOpenError when the database does not start.
 */
export async function openStore(folder: string, options: StoreOptions = {}): Promise<Store> {
  readyFolder(folder);
  const unlock = lockFolder(folder);
  try {
    const path = join(folder, "db");
    const db = await openDatabase(path, options.prepared ?? preparedFolder);
    return await storeOver(db, options.now ?? Date.now, { unlock, sync: () => syncFolder(path) });
  } catch (cause) {
    unlock();
    throw new StoreOpenError(folder, cause);
  }
}

async function openDatabase(path: string, prepared: string): Promise<Kysely<Tables>> {
  const fresh = !existsSync(path);
  // Making one takes three times as long and twice the memory of opening one.
  if (fresh && !copyPrepared(prepared, path)) mkdirSync(path, { mode: 0o700 });
  const client = await PGlite.create({ dataDir: path, startParams, parsers: { [types.INT8]: parseInt8 } });
  const db = new Kysely<Tables>({ dialect: pgliteDialect(client) });
  try {
    await migrate(db);
    if (!fresh) await tidy(db);
    return db;
  } catch (error) {
    await db.destroy();
    throw error;
  }
}

async function storeOver(
  db: Kysely<Tables>,
  now: () => number,
  { unlock, sync }: { readonly unlock: () => void; readonly sync: () => Promise<void> },
): Promise<Store> {
  const meta = [
    { key: "created", value: new Date(now()).toISOString() },
    { key: "schema", value: Object.keys(migrations).at(-1) ?? "" },
  ];
  await db
    .insertInto("meta")
    .values(meta)
    .onConflict((c) =>
      c
        .column("key")
        .doUpdateSet({ value: sql`case when meta.key = 'schema' then excluded.value else meta.value end` }),
    )
    .execute();
  let closed: Promise<void> | undefined;
  const close = async () => {
    try {
      await db.destroy();
    } finally {
      unlock();
    }
  };
  // PGlite never asks the system to write through, whatever its settings say.
  return { db, now, tidy: () => tidy(db), sync, close: () => (closed ??= close()) };
}

// PGlite starts neither the autovacuum nor the checkpointer: without this, dead rows and the log would grow for ever,
// and a start after a kill would replay all of it.
async function tidy(db: Kysely<Tables>): Promise<void> {
  await sql`vacuum`.execute(db);
  await sql`checkpoint`.execute(db);
}

/** PGlite gives int8 as a number or a bigint by size, pg as a string; here it is a number or an error. */
function parseInt8(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value))
    throw new RangeError(`Column value "${text}" does not fit a number.\n- Integers of the store stay below 2^53.`);
  return value;
}

/** The database in the data folder did not open. */
export class StoreOpenError extends Error {
  override readonly name = "StoreOpenError";
  constructor(folder: string, cause: unknown) {
    super(
      `Data folder "${folder}" does not open: ${cause instanceof Error ? cause.message : String(cause)}\n` +
        "- It holds the database in db/, written by this program only.\n" +
        "- Restore it from a backup, or start with an empty folder (--data).",
      { cause },
    );
  }
}
