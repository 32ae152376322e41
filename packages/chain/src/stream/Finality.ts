import type { BlockRef } from "@testudo/core/model/BlockBundle";
import type { EndpointPool } from "../nodes/EndpointPool.ts";
import type { Spine } from "./Spine.ts";

export type FinalityTag = "safe" | "finalized";

/** What has been told to be final, and what is to be told next. */
export interface Finality {
  /** Number of the last block told as finalized; -1 before the first. */
  readonly finalized: bigint;
  /** Told of the newest block that a quorum has named. */
  vouch(ref: BlockRef): void;
  /** Blocks that have become safe or final since the last call. */
  advance(): { readonly tag: FinalityTag; readonly ref: BlockRef }[];
}

export interface FinalityOptions {
  /** Where a quorum knows no tags: how deep a final block lies. */
  readonly depth: number;
  /** How many blocks are not final at most. Default 32,768: so far rollups are behind. */
  readonly mostOpen?: number;
}

/**
 * Follows the endpoints' tags; where a quorum knows none, blocks `depth` below the newest that a quorum has named are final: one node
 * alone may run ahead as far as it likes, and come back. Whatever the tags say, nothing above that newest one is, and what lies further
 * below it than `mostOpen` is: what may still fall away is kept, and whoever names an old block for ever would have all of it kept.
 */
export function makeFinality(
  pool: EndpointPool,
  spine: Spine,
  { depth, mostOpen = 2 ** 15 }: FinalityOptions,
): Finality {
  const told = { safe: -1n, finalized: -1n };
  let vouched: BlockRef | undefined;

  const isOurs = (ref: BlockRef) => spine.at(ref.number)?.hash === ref.hash;

  function finalRef(tag: FinalityTag): BlockRef | undefined {
    if (vouched === undefined || !isOurs(vouched)) return undefined;
    const tagged = taggedRef(tag, vouched);
    const deepest = tag === "finalized" ? spine.at(vouched.number - BigInt(mostOpen)) : undefined;
    return deepest !== undefined && deepest.number > (tagged?.number ?? -1n) ? deepest : tagged;
  }

  function taggedRef(tag: FinalityTag, vouched: BlockRef): BlockRef | undefined {
    const final = pool.final(tag, (ref) => spine.at(ref.number) === undefined || isOurs(ref));
    if (final === undefined)
      return tag === "finalized" && isUnknown(tag) ? spine.at(vouched.number - BigInt(depth)) : undefined;
    // A back-fill is far below the final block: what it has given is final, but for what a dispute has left open.
    return final.number > vouched.number ? vouched : spine.at(final.number);
  }

  // Whoever names one alone would keep all others from having any.
  function isUnknown(tag: FinalityTag): boolean {
    const without = pool.members.filter((member) => member.head !== undefined && member[tag] === undefined);
    return without.length >= pool.quorum;
  }

  return {
    get finalized() {
      return told.finalized;
    },
    vouch(ref) {
      vouched = ref;
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
