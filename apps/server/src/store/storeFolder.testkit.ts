import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { copyPrepared, preparedFolder } from "./copyPrepared.ts";
import { openStore, type StoreOptions } from "./openStore.ts";
import type { Store } from "./Store.ts";

/** Stores for tests. `folder` and `open` give a copy of the database that the build made. */
export interface StoreFixture {
  readonly folder: () => string;
  readonly open: (options?: StoreOptions) => Promise<Store>;
  /** One store for all tests of a file, emptied; closing it does nothing. Far cheaper than a copy. */
  readonly empty: () => Promise<Store>;
  readonly remove: () => Promise<void>;
}

export async function storeFixture(): Promise<StoreFixture> {
  const root = mkdtempSync(join(tmpdir(), "testudo-store-"));
  let count = 0;
  let shared: Store | undefined;
  const fresh = () => join(root, `data-${count++}`);
  const folder = () => {
    const data = fresh();
    mkdirSync(data, { mode: 0o700 });
    if (!copyPrepared(preparedFolder, join(data, "db")))
      throw new Error(`No database lies at "${preparedFolder}".\n- Run \`npm run build\` first.`);
    return data;
  };
  const empty = async () => {
    shared ??= await openStore(fresh());
    await sql`truncate evidence, records, notices, cells, undo, cursor, commands, outbox, transactions, nonces, threads, receipts, timers restart identity`.execute(
      shared.db,
    );
    await sql`update sums set rows = 0, total = '0'`.execute(shared.db);
    return { ...shared, close: async () => {} };
  };
  const remove = async () => {
    await shared?.close();
    rmSync(root, { recursive: true, force: true });
  };
  return { folder, open: (options) => openStore(fresh(), options), empty, remove };
}
