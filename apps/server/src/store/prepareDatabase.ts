import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { sql } from "kysely";
import { preparedFolder } from "./copyPrepared.ts";
import { openStore } from "./openStore.ts";

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

// PGlite lets everyone write into its files, which lie in a closed folder elsewhere. Here everyone may read.
function closeToOthers(folder: string): void {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true }))
    chmodSync(join(entry.parentPath, entry.name), entry.isDirectory() ? 0o755 : 0o644);
}
