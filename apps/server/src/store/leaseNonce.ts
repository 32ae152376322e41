// Exactly once (RESP-08): the nonce and the signed bytes are safe on disk before anyone broadcasts them, so a crash
// leads to the same bytes being sent again and never to a second transaction.
//
// The signer runs inside the database transaction. Reserving first and storing the bytes later would leave, after a
// crash in between, a nonce that nobody ever uses, and every later transaction of the sender would wait behind the
// hole. Here a crash before the commit leaves nothing at all. Signing with a local key takes milliseconds, and a signer
// that hangs is cut off, because meanwhile the embedded database serves nobody else.
import { recoverSender } from "@testudo/chain/wire/recoverSender";
import type { Hex } from "@testudo/core/model/Hex";
import { type Kysely, sql, type Transaction } from "kysely";
import { keccak256, parseTransaction } from "viem/utils";
import { openSumChange, sumOf } from "./checksums.ts";
import { hasLeftAs } from "./noteLeaving.ts";
import type { Store } from "./Store.ts";
import type { Tables, TransactionState } from "./Tables.ts";

/** Signed bytes of an action, as they were or will be sent. `storedAt` in Unix milliseconds. */
export interface StoredTransaction {
  readonly action: Hex;
  readonly chainId: number;
  readonly sender: Hex;
  readonly nonce: number;
  readonly hash: Hex;
  readonly raw: Hex;
  readonly state: TransactionState;
  readonly storedAt: number;
}

/** For whom a nonce is leased. `chainNonce`: the sender's transaction count on chain, pending ones included. */
export interface LeaseRequest {
  readonly chainId: number;
  readonly sender: Hex;
  readonly chainNonce: number;
  readonly action: Hex;
}

/** Raw bytes of a signed transaction and their hash. */
export interface Signed {
  readonly raw: Hex;
  readonly hash: Hex;
}

/** A leased transaction; `fresh` is false when it was stored before, in which case nothing was signed now. */
export interface Lease extends StoredTransaction {
  readonly fresh: boolean;
}

/** How long a signer may hold the database, in milliseconds. */
export const signLimitMs = 5_000;

/**
 * Returns the transaction of `request.action`, signed and stored. The first call leases the sender's next nonce, or one that was freed, has
 * `sign` make the bytes and stores both in one database transaction; every later call returns the newest stored bytes
 * that were not freed, whatever the nonce on chain is by now. `sign` must not touch the store. Throws SignedBytesError when the bytes are not for that nonce,
 * chain and sender, or the signer takes longer than `signLimitMs`; nothing is stored then.
 */
export async function leaseNonce(
  store: Store,
  request: LeaseRequest,
  sign: (nonce: number) => Promise<Signed>,
): Promise<Lease> {
  const sender = request.sender.toLowerCase() as Hex;
  const lease = await store.db.transaction().execute(async (trx) => {
    const next = await lockNonce(trx, request.chainId, sender);
    const stored = await newestOf(trx, request.action);
    if (stored) return { ...stored, fresh: false };
    const nonce = (await freedIn(trx, { ...request, sender })) ?? Math.max(next, request.chainNonce);
    const row = { action: request.action, chainId: request.chainId, sender, nonce };
    const signed = await withinLimit(sign(nonce));
    await assertSigned(row, signed);
    const result = await insert(trx, { ...row, ...signed, state: "stored", storedAt: store.now() });
    await setNext(trx, row, (await highestNewest(trx, row)) + 1);
    return { ...result, fresh: true };
  });
  if (lease.fresh) await store.sync();
  return lease;
}

/**
 * Stores further bytes for an action's nonce, for instance with a higher fee (RESP-09), before they are broadcast.
 * Throws SignedBytesError when the action has no nonce or the bytes are for another one.
 */
export async function storeReplacement(store: Store, action: Hex, signed: Signed): Promise<StoredTransaction> {
  const replacement = await store.db.transaction().execute(async (trx) => {
    const before = await newestOf(trx, action);
    if (!before) throw new SignedBytesError(action, "no nonce was leased for this action");
    await lockNonce(trx, before.chainId, before.sender);
    await assertSigned(before, signed);
    if (before.hash === signed.hash) return before;
    const result = await insert(trx, { ...before, ...signed, state: "stored", storedAt: store.now() });
    // What was signed for a higher nonce may have been freed.
    await setNext(trx, before, (await highestNewest(trx, before)) + 1);
    return result;
  });
  await store.sync();
  return replacement;
}

/** Where a sender's transactions stand: what was leased to it, and its transaction count by the nodes' word. */
export type NoncePlace = Pick<StoredTransaction, "action" | "chainId" | "sender"> & { readonly chainNonce: number };

/** The first nonce from `chainNonce` on that no other action's open bytes have: what waits above it waits in vain. */
export function firstHole(store: Store, place: NoncePlace): Promise<number> {
  return holeIn(store.db, place);
}

async function holeIn(db: Kysely<Tables>, { action, chainId, sender, chainNonce }: NoncePlace): Promise<number> {
  const rows = await openIn(db, chainId);
  const taken = new Set(rows.filter((tx) => tx.sender === sender && tx.action !== action).map((tx) => tx.nonce));
  let nonce = chainNonce;
  while (taken.has(nonce)) nonce += 1;
  return nonce;
}

// What is leased above a nonce that was freed would wait behind it.
async function freedIn(db: Kysely<Tables>, place: NoncePlace): Promise<number | undefined> {
  const nonce = await holeIn(db, place);
  const rows = await db
    .selectFrom("transactions")
    .select("state")
    .where("chain_id", "=", place.chainId)
    .where("sender", "=", place.sender)
    .where("nonce", "=", nonce)
    .execute();
  return rows.length > 0 && rows.every(({ state }) => state === "freed") ? nonce : undefined;
}

/**
 * Leases the hole below an action's nonce to it and stores the bytes that `sign` makes, before they are broadcast; next to
 * be leased is what follows the highest nonce of any action's newest bytes. The old bytes stay. They may still come into a
 * block one day: two transactions then, and one effect, because the council refuses the second. Never moves upwards.
 */
export async function moveNonce(
  store: Store,
  place: NoncePlace,
  sign: (nonce: number) => Promise<Signed>,
): Promise<StoredTransaction> {
  const moved = await store.db.transaction().execute(async (trx) => {
    await lockNonce(trx, place.chainId, place.sender);
    const nonce = await holeIn(trx, place);
    const before = await newestOf(trx, place.action);
    if (!before) throw new SignedBytesError(place.action, "no nonce was leased for this action");
    if (before.nonce <= nonce) return before;
    const signed = await withinLimit(sign(nonce));
    await assertSigned({ ...before, nonce }, signed);
    await markUnsent(trx, place.action, "lost");
    const result = await insert(trx, { ...before, nonce, ...signed, state: "stored", storedAt: store.now() });
    await setNext(trx, place, (await highestNewest(trx, place)) + 1);
    return result;
  });
  await store.sync();
  return moved;
}

/**
 * Leases the next nonce of an action's sender to it anew and stores the bytes that `sign` makes, before they are broadcast: a block has
 * other bytes for the one that it had. Never moves downwards.
 */
export async function renewNonce(
  store: Store,
  place: NoncePlace,
  sign: (nonce: number) => Promise<Signed>,
): Promise<StoredTransaction> {
  const renewed = await store.db.transaction().execute(async (trx) => {
    const nonce = Math.max(await lockNonce(trx, place.chainId, place.sender), place.chainNonce);
    const before = await newestOf(trx, place.action);
    if (!before) throw new SignedBytesError(place.action, "no nonce was leased for this action");
    if (before.nonce >= nonce) return before;
    const signed = await withinLimit(sign(nonce));
    await assertSigned({ ...before, nonce }, signed);
    await markUnsent(trx, place.action, "lost");
    const result = await insert(trx, { ...before, nonce, ...signed, state: "stored", storedAt: store.now() });
    await setNext(trx, place, nonce + 1);
    return result;
  });
  await store.sync();
  return renewed;
}

// What was never given out is not from here on, as only the newest bytes are: whoever waits behind its nonce would for ever.
async function markUnsent(db: Kysely<Tables>, action: Hex, state: "lost" | "freed"): Promise<void> {
  await db
    .updateTable("transactions")
    .set({ state })
    .where("action", "=", action)
    .where("state", "=", "stored")
    .execute();
}

async function setNext(
  trx: Transaction<Tables>,
  { chainId, sender }: Pick<NoncePlace, "chainId" | "sender">,
  next: number,
): Promise<void> {
  await trx.updateTable("nonces").set({ next }).where("chain_id", "=", chainId).where("sender", "=", sender).execute();
}

async function highestNewest(
  trx: Transaction<Tables>,
  { chainId, sender }: Pick<NoncePlace, "chainId" | "sender">,
): Promise<number> {
  const rows = await trx
    .selectFrom("transactions")
    .select(["action", "nonce"])
    .where("chain_id", "=", chainId)
    .where("sender", "=", sender)
    .orderBy("id")
    .execute();
  return Math.max(...new Map(rows.map((row) => [row.action, row.nonce])).values());
}

/** Takes the row lock that makes leases of one sender follow each other; returns the next free nonce. */
async function lockNonce(trx: Transaction<Tables>, chainId: number, sender: Hex): Promise<number> {
  await trx
    .insertInto("nonces")
    .values({ chain_id: chainId, sender, next: 0 })
    .onConflict((c) => c.doNothing())
    .execute();
  const row = await trx
    .selectFrom("nonces")
    .select("next")
    .where("chain_id", "=", chainId)
    .where("sender", "=", sender)
    .forUpdate()
    .executeTakeFirstOrThrow();
  return row.next;
}

/** The bytes of `action` that are given out from now on, or those that its end keeps back; undefined where it has to be signed. */
export async function newestOf(db: Kysely<Tables>, action: Hex): Promise<StoredTransaction | undefined> {
  const own = await listIn(db, action);
  const newest = own.at(-1);
  return newest?.state === "freed" ? own.findLast(({ state }) => hasLeftAs(state)) : newest;
}

async function insert(trx: Transaction<Tables>, tx: StoredTransaction): Promise<StoredTransaction> {
  const { action, sender, nonce, hash, raw, state } = tx;
  // What was signed before, for the same fees, is the newest again: whoever names prices that come and go is not to end the action.
  const again = await trx
    .updateTable("transactions")
    .set({ id: sql<number>`default`, state: sql`case when state in ('lost', 'freed') then 'stored' else state end` })
    .where("action", "=", action)
    .where("hash", "=", hash)
    .returningAll()
    .executeTakeFirst();
  if (again !== undefined) return toTransaction(again);
  const sum = sumOf(action, tx.chainId, sender, nonce, hash, raw, tx.storedAt);
  await trx
    .insertInto("transactions")
    .values({ action, chain_id: tx.chainId, sender, nonce, hash, raw, state, stored_at: tx.storedAt, sum })
    .execute();
  const sums = openSumChange();
  sums.add("transactions", [sum]);
  await sums.write(trx);
  return tx;
}

/** Refuses bytes that would spend another nonce, go to another chain or come from another account. */
async function assertSigned(
  lease: { action: Hex; chainId: number; sender: Hex; nonce: number },
  { raw, hash }: Signed,
): Promise<void> {
  if (keccak256(raw) !== hash) throw new SignedBytesError(lease.action, `hash ${hash} is not that of the bytes`);
  const tx = parseTransaction(raw);
  if (tx.nonce !== lease.nonce && !(tx.nonce === undefined && lease.nonce === 0))
    throw new SignedBytesError(lease.action, `the bytes carry nonce ${tx.nonce}, leased was ${lease.nonce}`);
  if (tx.chainId !== lease.chainId)
    throw new SignedBytesError(lease.action, `the bytes are for chain ${tx.chainId}, not ${lease.chainId}`);
  const signer = await recoverSender(raw);
  if (signer !== lease.sender)
    throw new SignedBytesError(lease.action, `the bytes are signed by ${signer}, not ${lease.sender}`);
}

async function withinLimit<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () =>
        reject(
          new Error(`Signer did not answer within ${signLimitMs} ms.\n- Nothing was stored or sent.\n- Try again.`),
        ),
      signLimitMs,
    );
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** All stored bytes of `action`, oldest first; more than one after a fee replacement. */
export function listTransactions(store: Store, action: Hex): Promise<StoredTransaction[]> {
  return listIn(store.db, action);
}

async function listIn(db: Kysely<Tables>, action: Hex): Promise<StoredTransaction[]> {
  const rows = await db.selectFrom("transactions").selectAll().where("action", "=", action).orderBy("id").execute();
  return rows.map(toTransaction);
}

/** Bytes whose outcome is open (`stored` or `sent`), by nonce: what a sender takes up again after a restart. */
export function listOpenTransactions(store: Store, chainId?: number): Promise<StoredTransaction[]> {
  return openIn(store.db, chainId);
}

async function openIn(db: Kysely<Tables>, chainId: number | undefined): Promise<StoredTransaction[]> {
  let query = db.selectFrom("transactions").selectAll().where("state", "in", ["stored", "sent"]);
  if (chainId !== undefined) query = query.where("chain_id", "=", chainId);
  return (await query.orderBy("nonce").orderBy("id").execute()).map(toTransaction);
}

/** Notes what became of the bytes with `hash`. A block that fell away makes `included` into `sent` again. */
export async function markTransaction(store: Store, hash: Hex, state: TransactionState): Promise<void> {
  await store.db.updateTable("transactions").set({ state }).where("hash", "=", hash).execute();
}

/**
 * Notes that bytes of `action`, which is over, never left: nobody is given them any more to make way for another action's, and their
 * nonce is free. Where some have left all stay as they are.
 */
export async function dropUnsent(db: Kysely<Tables>, action: Hex): Promise<void> {
  const isLeft = sql<boolean>`exists (select 1 from transactions where action = ${action} and state not in ('stored', 'lost', 'freed'))`;
  await db
    .updateTable("transactions")
    .set({ state: "lost" })
    .where("action", "=", action)
    .where((e) => e.not(isLeft))
    .execute();
}

/**
 * Notes that others have put `action` in force while bytes of it had not left: nobody is given these any more, and their nonce is free. What
 * may be out keeps its own.
 */
export function freeUnsent(db: Kysely<Tables>, action: Hex): Promise<void> {
  return markUnsent(db, action, "freed");
}

/** Notes that nothing can come of `action`, which has failed: nobody is given its bytes any more, and nobody waits behind them. */
export async function dropOpen(db: Kysely<Tables>, action: Hex): Promise<void> {
  await db
    .updateTable("transactions")
    .set({ state: "lost" })
    .where("action", "=", action)
    .where("state", "in", ["stored", "sent", "freed"])
    .execute();
}

function toTransaction(
  row: { [K in keyof Omit<Tables["transactions"], "id" | "relay_block" | "public_block">]: Tables["transactions"][K] },
): StoredTransaction {
  return {
    action: row.action as Hex,
    chainId: row.chain_id,
    sender: row.sender as Hex,
    nonce: row.nonce,
    hash: row.hash as Hex,
    raw: row.raw as Hex,
    state: row.state,
    storedAt: row.stored_at,
  };
}

/** Signed bytes are not those that were asked for; they are neither stored nor sent. */
export class SignedBytesError extends Error {
  override readonly name = "SignedBytesError";
  constructor(action: Hex, why: string) {
    super(
      `Signed transaction of action ${action} is refused: ${why}.\n- Bytes must be for the leased nonce, chain and sender.\n- Check the signer's key and chain.`,
    );
  }
}
