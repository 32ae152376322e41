import type { BlockRef } from "@testudo/core/model/BlockBundle";
import type { EndpointPool } from "./EndpointPool.ts";
import type { Spine } from "./Spine.ts";

export type FinalityTag = "safe" | "finalized";

/** What has been told to be final, and what is to be told next. */
export interface Finality {
  /** Number of the last block told as finalized; -1 before the first. */
  readonly finalized: bigint;
  /** Blocks that have become safe or final since the last call. */
  advance(): { readonly tag: FinalityTag; readonly ref: BlockRef }[];
}

/**
 * Follows the endpoints' tags; where no endpoint knows them, blocks `depth` below the last are final, as long as a quorum of them
 * stands behind the last: one node alone may run ahead as far as it likes.
 */
export function makeFinality(pool: EndpointPool, spine: Spine, depth: number, isDisputed: () => boolean): Finality {
  const told = { safe: -1n, finalized: -1n };

  function finalRef(tag: FinalityTag): BlockRef | undefined {
    const last = spine.last;
    if (last === undefined) return undefined;
    const final = pool.final(tag);
    if (final === undefined) {
      const hasTag = pool.members.some((member) => member[tag] !== undefined);
      return tag === "safe" || hasTag || pool.isShort() || isDisputed()
        ? undefined
        : spine.at(last.number - BigInt(depth));
    }
    // A back-fill is far below the final block, so all that it has given is final.
    if (final.number > last.number) return last;
    const known = spine.at(final.number);
    return known?.hash === final.hash ? known : undefined;
  }

  return {
    get finalized() {
      return told.finalized;
    },
    advance() {
      const news: { tag: FinalityTag; ref: BlockRef }[] = [];
      for (const tag of ["safe", "finalized"] as const) {
        const ref = finalRef(tag);
        if (ref === undefined || ref.number <= told[tag]) continue;
        told[tag] = ref.number;
        news.push({ tag, ref });
      }
      if (told.finalized >= 0n) spine.forgetBelow(told.finalized);
      return news;
    },
  };
}
