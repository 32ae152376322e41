import type { Hex } from "@testudo/core/model/Hex";

/** Which hashes of waiting transactions still have to be asked for. One that a node announced and did not show is not over. */
export interface PendingAsked {
  /** True once for each transaction that was shown. */
  isNew(hash: Hex): boolean;
  /** Of `hashes` those to ask for now, those that another node was asked for just now and may show, and those that were shown. */
  sort(hashes: Iterable<Hex>): Readonly<Record<"now" | "later" | "shown", readonly Hex[]>>;
  /** They were asked for, whatever came of it. */
  end(hashes: readonly Hex[]): void;
}

// Hashes that are remembered so that two nodes' words, or a pool read twice, are one.
const rememberedMax = 100_000;
// A node that announces and then hangs must not keep from us what another one would show: it gets this start, and no more.
const startMs = 500;

export function openPendingAsked(): PendingAsked {
  const shown = new Set<Hex>();
  const since = new Map<Hex, number>();
  return {
    isNew(hash) {
      if (shown.has(hash)) return false;
      if (shown.size >= rememberedMax) shown.delete(shown.values().next().value!);
      shown.add(hash);
      return true;
    },
    sort(hashes) {
      const at = performance.now();
      const isUnderWay = (hash: Hex) => at - (since.get(hash) ?? Number.NEGATIVE_INFINITY) < startMs;
      const sorted: Record<"now" | "later" | "shown", Hex[]> = { now: [], later: [], shown: [] };
      for (const hash of new Set(hashes))
        sorted[shown.has(hash) ? "shown" : isUnderWay(hash) ? "later" : "now"].push(hash);
      for (const hash of sorted.now) since.set(hash, at);
      return sorted;
    },
    end(hashes) {
      for (const hash of hashes) since.delete(hash);
    },
  };
}
