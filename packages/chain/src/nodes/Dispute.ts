import type { BlockRef } from "@testudo/core/model/BlockBundle";
import type { Endpoint } from "../rpc/rpcEndpoint.ts";
import type { TroubleBook } from "./TroubleBook.ts";

/** A block that some endpoints name for a number on which no quorum agrees. */
export interface Candidate {
  readonly ref: BlockRef;
  readonly endpoints: readonly Endpoint[];
}

/** What stands at one number: the block that the stream goes on with, and the others that are named in its place. */
export interface Disputed {
  readonly taken: Candidate;
  readonly others: readonly Candidate[];
}

/** Whether the endpoints disagree, and since when. */
export interface Dispute {
  /**
   * Told of a height at which no hash has a quorum, and of the blocks named there, best first. Returns true when it has lasted too
   * long to wait any more.
   */
  open(number: bigint, message: string, candidates: readonly [Candidate, ...Candidate[]]): boolean;
  /**
   * Told of a block that is taken though too few name it, for the others are away or behind. Those of them that are elsewhere
   * disagree with it: whoever runs ahead of the only other one has nobody left to be compared with.
   */
  unconfirmed(taken: Candidate): void;
  /** Whether it has been told, and is not over. */
  isOpen(): boolean;
  /** Told of a height at which a quorum agrees. */
  settle(number: bigint): void;
}

export interface DisputeOptions {
  readonly troubles: TroubleBook;
  readonly blockTimeMs: () => number;
  /** Branches of those who are not asked at a height, for they have not come as far. */
  readonly strays?: ((named: readonly Candidate[]) => readonly Candidate[]) | undefined;
  /** Told of each height at which more than one block is named for longer than a block time, and of nothing once they agree again. */
  readonly onDisputed?: ((disputed: Disputed | undefined) => void) | undefined;
}

/** Makes one that is settled. What outlasts a block time freezes automatic actions until a quorum agrees again (STREAM-05). */
export function makeDispute({ troubles, blockTimeMs, strays, onDisputed }: DisputeOptions): Dispute {
  let since: { readonly ms: number; highest: bigint } | undefined;
  const note = (number: bigint): number => {
    since ??= { ms: performance.now(), highest: number };
    if (number > since.highest) since.highest = number;
    return since.ms;
  };
  return {
    open(number, message, [taken, ...others]) {
      if (performance.now() - note(number) <= blockTimeMs()) return false;
      troubles.raise("endpoint-disagrees", message, true);
      const all = [...others, ...(strays?.([taken, ...others]) ?? [])];
      if (all.length > 0) onDisputed?.({ taken, others: all });
      return true;
    },
    unconfirmed(taken) {
      // They have been elsewhere for a block time already.
      const others = strays?.([taken]) ?? [];
      if (others.length === 0) return;
      // Not the height of `taken`, which is as far as its nodes like.
      for (const { ref } of others) note(ref.number);
      troubles.raise("endpoint-disagrees", `${[taken, ...others].map(told).join(", and ")}, on another chain.`, true);
      onDisputed?.({ taken, others });
    },
    isOpen: () => troubles.isOpen("endpoint-disagrees"),
    settle(number) {
      // That all agree on what lies below is how a fork looks, and no end of it.
      if (since === undefined || number < since.highest) return;
      since = undefined;
      troubles.clear("endpoint-disagrees", "A quorum agrees again.");
      onDisputed?.(undefined);
    },
  };
}

function told({ ref, endpoints }: Candidate): string {
  return `block ${ref.number} is ${ref.hash} at ${endpoints.map(({ label }) => label).join(" and ")}`;
}
