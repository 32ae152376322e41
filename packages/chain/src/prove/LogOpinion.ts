// Logs of blocks whose receipts nobody shows: the bloom in the header binds who logged and the topics, not the data, and chains
// exist that leave it empty.
import type { Log } from "@testudo/core/model/BlockBundle";
import { fetchBlock, fetchLogs } from "../block/fetchBundle.ts";
import type { EndpointPool, Member } from "../nodes/EndpointPool.ts";
import { isEmptyBloom } from "../wire/bloomOf.ts";
import type { Block } from "../wire/parseBlock.ts";
import { type Hearing, makeWitnesses } from "./Witnesses.ts";

/** Logs that are no one node's word where they cannot be proved, over one stream. */
export interface LogOpinion {
  /** The logs of live `block` that two of those who vouch for it give alike, or one of them and another node; as `Witnesses` hears them. */
  read(block: Block, by: readonly Member[]): Promise<readonly Log[] | undefined>;
}

// A node that has just seen the block may not have all of its logs yet.
const againMs = 300;

/** Makes an opinion over the nodes of a stream. */
export function makeLogOpinion({ pool, troubles, isLive }: LogOpinionOf): LogOpinion {
  const witnesses = makeWitnesses<Block, readonly Log[]>({
    ...{ pool, troubles, isLive, part: "logs", isSame, isAsQuickAlone: true, againMs },
    onLate: (member) => pool.took(member, Number.POSITIVE_INFINITY),
  });
  return {
    async read(block, by) {
      const { number, hash } = block.ref;
      // A block of which nothing is asked.
      if (block.txHashes.length === 0 && isEmptyBloom(block.logsBloom)) return undefined;
      const others = pool.candidates(number).filter((member) => !by.includes(member));
      const vouching = new Set(by.map(({ endpoint }) => endpoint));
      const heard = await witnesses.hear(number, [...by, ...others], [block], async (endpoint, blocks) => {
        // Nodes exist that answer for a block which they do not have as for one without logs.
        if (!vouching.has(endpoint)) await fetchBlock(endpoint, hash, false);
        return fetchLogs(endpoint, blocks);
      });
      return heard?.[0];
    },
  };
}

/** What an opinion needs of its stream. */
export interface LogOpinionOf extends Hearing {
  readonly pool: Hearing["pool"] & Pick<EndpointPool, "took">;
}

// Where in the block a log stands each node counts for itself on some chains; in which order they come it does not.
function isSame(one: readonly Log[], two: readonly Log[]): boolean {
  return one.length === two.length && one.every((log, i) => isSameLog(log, two[i]!));
}

function isSameLog(one: Log, two: Log): boolean {
  return (
    one.address === two.address &&
    one.data === two.data &&
    one.txIndex === two.txIndex &&
    one.topics.length === two.topics.length &&
    one.topics.every((topic, i) => topic === two.topics[i])
  );
}
