import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Store } from "../store/Store.ts";
import { UsageError } from "./UsageError.ts";

/** Runs `use` on the store in `data`, which has to be there: a typing mistake shall not make an empty one that is "fine". */
export async function withStore<T>(data: string, use: (store: Store) => Promise<T>): Promise<T> {
  if (!existsSync(join(data, "db")))
    throw new UsageError(
      `There is no store in "${data}".`,
      "A data folder is made by the first `testudo watch` or `testudo drill`.",
      "Give the folder with --data.",
    );
  // Loaded here and not above: the database is heavy, and `kill` shall not wait for it.
  const { openStore } = await import("../store/openStore.ts");
  const store = await openStore(data);
  try {
    return await use(store);
  } finally {
    await store.close();
  }
}
