// Since when the relay has an action's bytes, and whether everybody has: kept, so that a restart does not count anew (RESP-12).
import type { StoredTransaction } from "./leaseNonce.ts";
import type { Store } from "./Store.ts";

/** Where an action's bytes have been so far. */
export interface Ways {
  /** The newest block when the relay was first offered any bytes of the action. */
  readonly firstBlock: bigint;
  /** Whether any of them went to the public nodes. */
  readonly isPublic: boolean;
}

/**
 * Notes that `tx` is about to be offered to the relay while `block` is the newest, if it was not before, and returns where its
 * action's bytes have been. It is safe on disk before this resolves. Bytes with higher fees do not begin the count anew: else who
 * outbids us again and again would keep the action from everybody but the relay.
 */
export async function noteOffer(
  store: Store,
  { action, hash }: Pick<StoredTransaction, "action" | "hash">,
  block: bigint,
): Promise<Ways> {
  const rows = await store.db
    .selectFrom("transactions")
    .select(["hash", "relay_block", "public_block"])
    .where("action", "=", action)
    .execute();
  if (rows.some((row) => row.hash === hash && row.relay_block === null)) {
    const relayBlock = { relay_block: Number(block) };
    await store.db.updateTable("transactions").set(relayBlock).where("hash", "=", hash).execute();
    await store.sync();
  }
  const offered = rows.flatMap((row) => row.relay_block ?? []);
  return {
    firstBlock: BigInt(Math.min(Number(block), ...offered)),
    isPublic: rows.some((row) => row.public_block !== null),
  };
}

/** Notes that the bytes with `hash` went to the public nodes while `block` was the newest, if they had not before. */
export async function notePublic(store: Store, hash: StoredTransaction["hash"], block: bigint): Promise<void> {
  await store.db
    .updateTable("transactions")
    .set({ public_block: Number(block) })
    .where("hash", "=", hash)
    .where("public_block", "is", null)
    .execute();
}
