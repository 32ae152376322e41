// Blocks wait while state around a pending transaction is read, and whoever shows it decides what is asked and how long that takes.
import { within } from "@testudo/chain/rpc/within";

/** The time for all that is asked about one transaction. */
export interface ReadTime {
  /** What `ask` comes to; undefined where there is no time left for it, or it takes longer. */
  spend<T>(ask: () => Promise<T>): Promise<T | undefined>;
}

/** Begins with `ms` milliseconds, of which what is waited for is taken. */
export function openReadTime(ms: number): ReadTime {
  let leftMs = ms;
  return {
    async spend(ask) {
      if (leftMs <= 0) return undefined;
      const sinceMs = performance.now();
      const found = await within(leftMs, ask());
      leftMs -= performance.now() - sinceMs;
      return found;
    },
  };
}
