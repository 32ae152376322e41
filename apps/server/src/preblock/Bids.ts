import type { Hex } from "@testudo/core/model/Hex";
import type { Prediction } from "@testudo/core/model/PendingTx";

/** What a transaction pays for each gas, in wei: to the block's maker, and at most in all. */
export type Bid = Pick<Prediction, "tipWei" | "maxFeeWei">;

/** What harmful transactions that still wait offer for their place. */
export interface Bids {
  /** Notes what `hash` offers; undefined: it does no harm, or waits no more. */
  note(hash: Hex, bid: Bid | undefined): void;
  /** The highest of each kind among those that `isWaiting`. */
  highest(): Bid | undefined;
  /** Resolves when a bid above all others comes, after `ms`, or when `signal` fires. */
  untilHigher(ms: number, signal: AbortSignal): Promise<void>;
}

export function openBids(isWaiting: (hash: Hex) => boolean): Bids {
  const bids = new Map<Hex, Bid>();
  const wakers = new Set<() => void>();
  const highest = (): Bid | undefined => {
    for (const hash of bids.keys()) if (!isWaiting(hash)) bids.delete(hash);
    if (bids.size === 0) return undefined;
    const most = (of: (bid: Bid) => bigint) => [...bids.values()].map(of).reduce((a, b) => (a > b ? a : b));
    return { tipWei: most((bid) => bid.tipWei), maxFeeWei: most((bid) => bid.maxFeeWei) };
  };
  return {
    highest,
    note(hash, bid) {
      const before = highest();
      if (bid === undefined) bids.delete(hash);
      else bids.set(hash, bid);
      const isHigher =
        bid !== undefined && (before === undefined || bid.tipWei > before.tipWei || bid.maxFeeWei > before.maxFeeWei);
      if (isHigher) for (const wake of [...wakers]) wake();
    },
    untilHigher: (ms, signal) =>
      new Promise((resolve) => {
        const done = () => {
          clearTimeout(timer);
          wakers.delete(done);
          signal.removeEventListener("abort", done);
          resolve();
        };
        const timer = setTimeout(done, ms);
        wakers.add(done);
        signal.addEventListener("abort", done, { once: true });
        if (signal.aborted) done();
      }),
  };
}
