// Nonces of a sender whose bytes came into a block, and those whose bytes nobody gives out any more.
import type { Hex } from "@testudo/core/model/Hex";
import { sql } from "kysely";
import type { StoredTransaction } from "./leaseNonce.ts";
import type { Store } from "./Store.ts";

/**
 * The nonces below `tx`'s, in their order, for which only bytes of actions that have ended are stored: some may wait in nodes' pools,
 * for less than any block takes.
 */
export async function lostBelow(store: Store, tx: StoredTransaction): Promise<readonly number[]> {
  const rows = await store.db
    .selectFrom("transactions")
    .select(["nonce", "state"])
    .where("chain_id", "=", tx.chainId)
    .where("sender", "=", tx.sender)
    .where("action", "!=", tx.action)
    .where("nonce", "<", tx.nonce)
    .orderBy("nonce")
    .execute();
  const taken = new Set(rows.filter(({ state }) => state !== "lost" && state !== "freed").map(({ nonce }) => nonce));
  const after = await nonceAfterBlocks(store, tx.chainId, tx.sender);
  return rows.map(({ nonce }) => nonce).filter((nonce) => nonce >= after && !taken.has(nonce));
}

/** The nonce after those of `sender`'s bytes that came into a block; 0 where none did. A node that is behind counts fewer. */
export async function nonceAfterBlocks({ db }: Store, chainId: number, sender: Hex): Promise<number> {
  const row = await db
    .selectFrom("transactions")
    .select(sql<number | null>`max(nonce)::int8`.as("highest"))
    .where("chain_id", "=", chainId)
    .where("sender", "=", sender.toLowerCase())
    .where("state", "in", ["included", "failed"])
    .executeTakeFirst();
  return (row?.highest ?? -1) + 1;
}
