// Whether bytes may be with anybody: known on disk before they leave, so that who dies right after says nothing false of them.
import type { Hex } from "@testudo/core/model/Hex";
import type { Store } from "./Store.ts";
import type { TransactionState } from "./Tables.ts";

/**
 * Notes that the bytes with `hash` are about to be given out, and returns what they were before. Safe on disk before this resolves.
 * `lost` are those of an action that has ended: they stay so, and nobody may be given them. Undefined for bytes that are not stored, or whose
 * nonce another action's may have by now.
 */
export async function noteLeaving(store: Store, hash: Hex): Promise<TransactionState | undefined> {
  const before = await store.db.transaction().execute(async (trx) => {
    const row = await trx
      .selectFrom("transactions")
      .select("state")
      .where("hash", "=", hash)
      .where("state", "!=", "freed")
      .forUpdate()
      .executeTakeFirst();
    if (row !== undefined && row.state !== "lost" && row.state !== "sent")
      await trx.updateTable("transactions").set({ state: "sent" }).where("hash", "=", hash).execute();
    return row?.state;
  });
  if (before !== "lost" && before !== "sent") await store.sync();
  return before;
}

/** Whether the bytes with `hash` may be with somebody and in no block. */
export async function hasLeft({ db }: Store, hash: Hex): Promise<boolean> {
  const row = await db.selectFrom("transactions").select("state").where("hash", "=", hash).executeTakeFirst();
  return row?.state === "sent";
}

/** Notes that nobody took the bytes with `hash`, which had not left before. */
export async function noteKept({ db }: Store, hash: Hex): Promise<void> {
  await db
    .updateTable("transactions")
    .set({ state: "stored" })
    .where("hash", "=", hash)
    .where("state", "=", "sent")
    .execute();
}

/** Whether bytes in this state may have been with anybody while their action went on. */
export function hasLeftAs(state: TransactionState): boolean {
  return state !== "stored" && state !== "lost" && state !== "freed";
}
