import { type Asset, zeroAddress } from "../model/Asset.ts";
import type { CallFrame } from "../model/BlockBundle.ts";
import { walk } from "../model/CallTree.ts";
import type { Address } from "../model/Hex.ts";
import type { Transfer } from "../model/Transfer.ts";

/** A token that was made for a borrower and destroyed at the same one, in one transaction. */
export interface MintedLoan {
  readonly asset: Asset;
  readonly borrower: Address;
  readonly amount: bigint;
}

interface Book {
  readonly asset: Asset;
  readonly borrower: Address;
  readonly mintedAt: number;
  /** Minted less burned, now and at its largest. */
  owed: bigint;
  most: bigint;
}

/**
 * Loans by mint and burn: all that was minted to the borrower is burned again, and at most a tenth more. Shares, pool
 * tokens and wrapped coins do the same, but for money: of those the token's own contract moves something else as well,
 * or the borrower has paid something before. The second is asked only where the trace does not show that the token's
 * contract called the borrower back, since a thief can always pay a trifle first. Without a trace it cannot be known that
 * a coin was not paid for in native value, so there are none.
 */
export function mintedLoans(transfers: readonly Transfer[], trace: CallFrame): MintedLoan[] {
  const books = new Map<string, Book>();
  const paidAt = new Map<Address, number>();
  const moving = new Set<Address>();
  transfers.forEach(({ asset, from, to, amount }, i) => {
    if (!paidAt.has(from)) paidAt.set(from, i);
    moving.add(from).add(to);
    if (asset.includes(":")) return;
    const [borrower, change] = from === zeroAddress ? [to, amount] : to === zeroAddress ? [from, -amount] : [from, 0n];
    const key = `${borrower}${asset}`;
    const book = books.get(key) ?? { asset, borrower, mintedAt: i, owed: 0n, most: 0n };
    book.owed += change;
    if (book.owed > book.most) book.most = book.owed;
    if (change !== 0n) books.set(key, book);
  });
  return [...books.values()].flatMap(({ asset, borrower, mintedAt, owed, most }) => {
    if (most === 0n || owed > 0n || -owed > most / 10n || moving.has(asset as Address)) return [];
    const isUnpaid = (paidAt.get(borrower) ?? mintedAt) >= mintedAt;
    return isUnpaid || isCalledBack(trace, asset as Address, borrower) ? [{ asset, borrower, amount: most }] : [];
  });
}

/** Whether the token's contract called the borrower while a call into it was open. */
function isCalledBack(trace: CallFrame, token: Address, borrower: Address): boolean {
  return walk(trace).some((v) => !v.reverted && !v.isStatic && v.context === borrower && v.parent?.context === token);
}
