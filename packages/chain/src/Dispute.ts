import type { TroubleBook } from "./TroubleBook.ts";

/** Told of a height at which no hash has a quorum. Returns true when it has lasted too long to wait any more. */
export interface Dispute {
  open(number: bigint, message: string): boolean;
  settle(): void;
}

/** Makes one that is settled. What outlasts a block time freezes automatic actions until a quorum agrees again (STREAM-05). */
export function makeDispute(troubles: TroubleBook, blockTimeMs: () => number): Dispute {
  let sinceMs: number | undefined;
  return {
    open(_, message) {
      sinceMs ??= Date.now();
      if (Date.now() - sinceMs <= blockTimeMs()) return false;
      troubles.raise("endpoint-disagrees", message, true);
      return true;
    },
    settle() {
      sinceMs = undefined;
      troubles.clear("endpoint-disagrees", "A quorum agrees again.");
    },
  };
}
