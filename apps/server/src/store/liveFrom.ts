import { sumOf } from "./checksums.ts";
import type { Store } from "./Store.ts";

const key = "live-from";

/**
 * The first block that was news: everything before it was history when the first watch began. Undefined while only history
 * was read. A restart needs it: what came while nobody watched has to be told, what is older must not be. Throws
 * LiveFromAltered when it is not what was kept: a larger one would silence the watch.
 */
export async function readLiveFrom(store: Store): Promise<bigint | undefined> {
  const row = await store.db.selectFrom("meta").select("value").where("key", "=", key).executeTakeFirst();
  if (row === undefined) return undefined;
  const [number = "", sum] = row.value.split("/");
  if (!/^\d+$/.test(number) || sum !== sumOf(key, number)) throw new LiveFromAltered(row.value);
  return BigInt(number);
}

/** Keeps `number` as the first block that was news, unless one is kept already. */
export async function keepLiveFrom(store: Store, number: bigint): Promise<void> {
  await store.db
    .insertInto("meta")
    .values({ key, value: `${number}/${sumOf(key, `${number}`)}` })
    .onConflict((c) => c.doNothing())
    .execute();
}

/** The mark between history and news was changed from outside. Not retryable. */
export class LiveFromAltered extends Error {
  override readonly name = "LiveFromAltered";
  constructor(value: string) {
    super(
      `The first block that is news stands as "${value}", which is not what was kept.\n` +
        "- It is written once, with its checksum.\n" +
        "- Run `testudo evidence verify`, and find out who can write to the data folder.",
    );
  }
}
