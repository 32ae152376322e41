// How much of what it held a protected address lost in one transaction, without prices.

import { ratioOf } from "../math/ratio.ts";
import type { Asset } from "../model/Asset.ts";

/** One asset that left or came, against what was held of it before. */
export interface Leg {
  readonly asset: Asset;
  /** Positive; out of or into the protected address. */
  readonly amount: bigint;
  /** Held before, at the parent block and by earlier transactions of the same block. */
  readonly held: bigint;
  /** ERC-721 ids share one holding: their shares add up. */
  readonly isCollection?: boolean;
}

export interface Loss {
  /** max over assets of share out, less compensation, clamped to 0..1. */
  readonly loss: number;
  readonly worst: Asset | undefined;
  readonly shareOut: ReadonlyMap<Asset, number>;
  readonly shareIn: number;
}

/**
 * loss = max_a r_out(a) − Σ_b share_in(b) − claim, clamped to 0..1, where r = amount / holding before the transaction.
 * `ins` must hold only assets that were held before by standing custom, and more than dust of them: junk that was sent in
 * for the purpose must be filtered by the caller. Each incoming asset counts at most 1. Shares of two assets are not worth
 * the same: a loss with `ins` says how much may have been paid for, one without them what is certain.
 *
 * @param claim Share of the outstanding claims (LP or vault tokens) that was burned for the payment, 0..1.
 */
export function lossOf(outs: readonly Leg[], ins: readonly Leg[], claim = 0): Loss {
  const shareOut = new Map<Asset, number>();
  for (const leg of outs) {
    const key = leg.isCollection === true ? leg.asset.split(":")[0]! : leg.asset;
    if (leg.held > 0n) shareOut.set(key, Math.min(1, (shareOut.get(key) ?? 0) + ratioOf(leg.amount, leg.held)));
  }
  let worst: Asset | undefined;
  let top = 0;
  for (const [asset, share] of shareOut)
    if (share > top) {
      top = share;
      worst = asset;
    }
  const shareIn = ins.reduce((sum, leg) => sum + (leg.held > 0n ? Math.min(1, ratioOf(leg.amount, leg.held)) : 0), 0);
  return { loss: Math.max(0, top - shareIn - claim), worst, shareOut, shareIn };
}
