import type { Store } from "./Store.ts";

const key = "live-from";

/**
 * The first block that was news: everything before it was history when the first watch began. Undefined while only history
 * was read. A restart needs it: what came while nobody watched has to be told, what is older must not be.
 */
export async function readLiveFrom(store: Store): Promise<bigint | undefined> {
  const row = await store.db.selectFrom("meta").select("value").where("key", "=", key).executeTakeFirst();
  return row === undefined ? undefined : BigInt(row.value);
}

/** Keeps `number` as the first block that was news, unless one is kept already. */
export async function keepLiveFrom(store: Store, number: bigint): Promise<void> {
  await store.db
    .insertInto("meta")
    .values({ key, value: number.toString() })
    .onConflict((c) => c.doNothing())
    .execute();
}
