import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { UsageError } from "../../config/UsageError.ts";
import type { Store } from "../../store/Store.ts";

/** Runs `use` on the store in `data`, which has to be there: a typing mistake shall not make an empty one that is "fine". */
export async function withStore<T>(data: string, use: (store: Store) => Promise<T>): Promise<T> {
  if (!hasStore(data)) throw noStore(data);
  // Loaded here and not above: the database is heavy, and `kill` shall not wait for it.
  const { openStore } = await import("../../store/openStore.ts");
  const store = await openStore(data);
  try {
    return await use(store);
  } finally {
    await store.close();
  }
}

/** Whether something has been recorded in `data`. */
export function hasStore(data: string): boolean {
  return existsSync(join(data, "db"));
}

function noStore(data: string): UsageError {
  const drills = drillsIn(data);
  return new UsageError(
    `There is no store in "${data}".`,
    drills.length === 0
      ? "A data folder is made by the first `testudo watch` or `testudo drill`."
      : `The first \`testudo watch\` makes one there. Drills left theirs in ${drills.map((folder) => `"${folder}"`).join(", ")}.`,
    `Give the folder with --data${drills[0] === undefined ? "" : `, for example --data "${drills[0]}"`}.`,
  );
}

/** The stores that drills left below `data`: each scenario has one of its own. */
function drillsIn(data: string): readonly string[] {
  const folder = join(data, "drill");
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .map((name) => join(folder, name))
    .filter(hasStore)
    .sort();
}
