import type { Hex } from "@testudo/core/model/Hex";

/** Which hashes of waiting transactions still have to be asked for. One that a node announced and did not show is not over. */
export interface PendingAsked {
  /** True once for each transaction that was shown. */
  isNew(hash: Hex): boolean;
  /** Of `hashes` those to ask for now, and those that another node is asked for and may show. */
  sort(hashes: Iterable<Hex>): { readonly now: readonly Hex[]; readonly later: readonly Hex[] };
  /** They were asked for, whatever came of it. */
  end(hashes: readonly Hex[]): void;
}

// Hashes that are remembered so that two nodes' words, or a pool read twice, are one.
const rememberedMax = 100_000;

export function openPendingAsked(): PendingAsked {
  const shown = new Set<Hex>();
  const underWay = new Set<Hex>();
  return {
    isNew(hash) {
      if (shown.has(hash)) return false;
      if (shown.size >= rememberedMax) shown.delete(shown.values().next().value!);
      shown.add(hash);
      return true;
    },
    sort(hashes) {
      const [now, later]: [Hex[], Hex[]] = [[], []];
      for (const hash of new Set(hashes)) if (!shown.has(hash)) (underWay.has(hash) ? later : now).push(hash);
      for (const hash of now) underWay.add(hash);
      return { now, later };
    },
    end(hashes) {
      for (const hash of hashes) underWay.delete(hash);
    },
  };
}
