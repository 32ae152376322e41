// Transactions that nobody can hash, as of a chain with types of its own: what they do is a node's word.

import { fetchBlock } from "../block/fetchBundle.ts";
import type { Member } from "../nodes/EndpointPool.ts";
import { BlockUnknown } from "../rpc/BlockUnknown.ts";
import type { Block, BlockTransaction } from "../wire/parseBlock.ts";
import { type Hearing, makeWitnesses } from "./Witnesses.ts";

/** Transactions that are no one node's word where they cannot be proved, over one stream. */
export interface BodyOpinion {
  /** Live `block`, for which `by` vouch, the first of whom gave it, with the transactions that two nodes give alike, as `Witnesses` hears them. */
  read(block: Block, by: readonly Member[]): Promise<Block>;
}

type Txs = readonly BlockTransaction[];

/** Makes an opinion over the nodes of a stream. `mostMs`: longer nobody is waited for. */
export function makeBodyOpinion({ pool, troubles, isLive }: Hearing, mostMs: number): BodyOpinion {
  const witnesses = makeWitnesses<Block, Txs>({
    ...{ pool, troubles, isLive, part: "transactions", isSame, isAsQuickAlone: true },
  });
  return {
    async read(block, by) {
      const { number, hash } = block.ref;
      const { txs = [], txHashes } = block;
      if (txs.length === 0) return block;
      const giver = by[0]?.endpoint;
      const others = pool.candidates(number).filter((member) => !by.includes(member));
      const heard = await witnesses.hear(number, [...by, ...others], [block], async (endpoint) => {
        if (endpoint === giver) return [txs];
        const theirs = await fetchBlock(endpoint, hash, true, Math.min(mostMs, endpoint.timeoutMs));
        if (theirs.txHashes.join() !== txHashes.join()) throw new BlockUnknown(endpoint.label, hash);
        return [theirs.txs!];
      });
      return heard?.[0] === undefined ? block : { ...block, txs: heard[0] };
    },
  };
}

function isSame(one: Txs, two: Txs): boolean {
  return textOf(one) === textOf(two);
}

/** What transactions do, whichever way a node writes it. */
function textOf(txs: Txs): string {
  return txs
    .map(({ hash, from, to, value, input, nonce, authorizations = [] }) =>
      [hash, from, to, value, input, nonce, JSON.stringify(authorizations)].join(),
    )
    .join(";");
}
