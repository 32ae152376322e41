import type { Hex } from "@testudo/core/model/Hex";
import { listTransactions } from "../store/leaseNonce.ts";
import { isNodes } from "./askNodes.ts";
import type { Fits } from "./Fits.ts";
import { type Given, type GiveOptions, giveOut, remind } from "./giveOut.ts";
import type { Leased } from "./leaseBytes.ts";
import { SenderUnfunded } from "./offerFees.ts";

/** What became of an action's bytes, and of which. */
export interface Offered {
  readonly given: Given;
  readonly hash: Hex;
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
    return given.kind === "out" ? { given, hash } : (older ?? { given, hash });
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
async function offerOlder(options: GiveOptions, { tx }: Leased): Promise<Offered | undefined> {
  const own = await listTransactions(options.store, tx.action);
  const left = own.filter(({ hash, state }) => hash !== tx.hash && state === "sent");
  let found: Offered | undefined;
  for (const older of new Map(left.map((one) => [one.nonce, one])).values()) {
    const given = await remind(options, older).catch((error: unknown) => {
      if (!isNodes(error)) throw error;
      return undefined;
    });
    if (given?.kind !== "out" || found !== undefined) continue;
    const { refusedBy: _, ...out } = given;
    found = { given: out, hash: older.hash };
  }
  return found;
}
