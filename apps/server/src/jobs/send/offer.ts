import type { Hex } from "@testudo/core/model/Hex";
import { firstHole, listTransactions, type StoredTransaction } from "../../store/leaseNonce.ts";
import { isNodes } from "../askNodes.ts";
import type { Fits } from "./Fits.ts";
import { type Given, type GiveOptions, giveOut, remind } from "./giveOut.ts";
import type { Leased } from "./leaseBytes.ts";
import { SenderUnfunded } from "./offerFees.ts";

/** What became of an action's bytes, and of which. */
export interface Offered {
  readonly given: Given;
  readonly hash: Hex;
  /** What the newest bytes came to, where those that are out instead wait for a nonce that no bytes of ours have. */
  readonly used?: NonceUsed;
}

/** Nodes say that the nonce of bytes is used. */
export type NonceUsed = Extract<Given, { readonly kind: "nonce-too-low" }>;

/** Bytes of before that are out, where there are some. */
interface Older extends Offered {
  readonly tx: StoredTransaction;
}

/**
 * Gives `leased` out, or where nobody takes it what of the action was given out before. What was never taken by a node and is refused by
 * all may have been signed for more than the sender has by now, or for less than a block takes: it is fitted. Throws as `giveOut` does,
 * and SenderUnfunded.
 */
export async function offer(options: GiveOptions, leased: Leased, fits: Fits): Promise<Offered> {
  const { hash } = leased.tx;
  try {
    const given = await giveOut(options, leased.tx);
    if (given.kind === "refused" && given.isByWord) await fits.toAll(leased);
    // Whoever counts too few transactions of the sender may also say that it took bytes which no block ever takes.
    const isElsewhere = given.kind === "out" && leased.leastNonce < leased.chainNonce;
    const older = isElsewhere || given.kind === "nonce-too-low" ? await offerOlder(options, leased) : undefined;
    if (given.kind === "out" || older === undefined) return { given, hash };
    const isInVain = given.kind === "nonce-too-low" && (await waitsInVain(options, leased, older.tx));
    return isInVain ? { ...older, used: given } : older;
  } catch (error) {
    if (!isNodes(error) || error.name !== "RpcRefused") throw error;
    const older = await offerOlder(options, leased);
    await fits.toAll(leased).catch((unfit: unknown) => {
      if (older === undefined || !(unfit instanceof SenderUnfunded)) throw unfit;
    });
    if (older === undefined) throw error;
    return older;
  }
}

// Bytes of the action that were signed before, for more or for another nonce, may be with a node that takes no others in their place,
// and be what a block takes: of two nodes one may have been believed since that lies about funds, prices or nonces.
async function offerOlder(options: GiveOptions, { tx }: Leased): Promise<Older | undefined> {
  const own = await listTransactions(options.store, tx.action);
  const left = own.filter(({ hash, state }) => hash !== tx.hash && state === "sent");
  let found: Older | undefined;
  for (const older of new Map(left.map((one) => [one.nonce, one])).values()) {
    const given = await remind(options, older).catch((error: unknown) => {
      if (!isNodes(error)) throw error;
      return undefined;
    });
    // Of several the one that a block takes first.
    if (given?.kind !== "out" || (found !== undefined && found.tx.nonce <= older.nonce)) continue;
    const { refusedBy: _, ...out } = given;
    found = { given: out, hash: older.hash, tx: older };
  }
  return found;
}

/** Whether `older` waits behind a nonce that nothing of ours fills, while that of the newest bytes is used. */
async function waitsInVain(
  { store }: GiveOptions,
  { tx, leastNonce }: Leased,
  older: StoredTransaction,
): Promise<boolean> {
  return (await firstHole(store, { ...tx, chainNonce: Math.max(leastNonce, tx.nonce + 1) })) < older.nonce;
}
