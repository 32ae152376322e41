import type { BlockBundle } from "@testudo/core/model/BlockBundle";
import type { Address } from "@testudo/core/model/Hex";
import { type Cells, memoryOf, openDraft } from "@testudo/core/model/Memory";
import { type FundingRules, followFunding, fundingOf } from "@testudo/core/signs/Funding";

/** Whose money came from a mixer or bridge, by the rule of `suspicious-deploy`. Nothing here is taken back by a reorg: at worst a contract is probed in vain. */
export interface FundingBook {
  observe(bundle: BlockBundle): void;
  isFunded(account: Address): boolean;
}

export function openFundingBook(rules: FundingRules): FundingBook {
  const cells: Cells = new Map();
  let now = 0n;
  const memory = () => {
    const draft = openDraft(cells);
    return { draft, memory: memoryOf(draft, "", now) };
  };
  return {
    observe({ ref, txs, traces = [] }) {
      now = ref.timestamp;
      const { draft, memory: book } = memory();
      followFunding(
        book,
        txs.map((tx, i) => ({ tx, trace: traces[i] })),
        Number(now),
        rules,
      );
      for (const [key, value] of draft.writes)
        if (value === undefined) cells.delete(key);
        else cells.set(key, value);
    },
    isFunded: (account) => fundingOf(memory().memory, account, Number(now), rules) !== undefined,
  };
}
