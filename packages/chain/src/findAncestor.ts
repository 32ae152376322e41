import type { BlockRef } from "@testudo/core/model/BlockBundle";
import { type AgreeOptions, agreeOnBlocks } from "./agreeOnBlocks.ts";
import type { Member } from "./EndpointPool.ts";
import type { Spine } from "./Spine.ts";

const FIRST_WINDOW = 8;
const WINDOW = 64;

/** Where the chain left a spine. */
export interface Parting {
  /** The newest block of the spine that the chain still has; "none" where it has none of them: the reorg is deeper than they go. */
  readonly ancestor: BlockRef | "none";
  /** Who says so: those that show the block after it. Nobody where the chain still has ours as far as it was asked for. */
  readonly by: readonly Member[];
}

/** Where the chain left `spine`; the ancestor may be the parent of its first block. "unknown" when the endpoints cannot agree now. */
export async function findAncestor(
  spine: Spine,
  target: bigint,
  options: Omit<AgreeOptions, "withTxs">,
): Promise<Parting | "unknown"> {
  const first = spine.first!;
  const last = spine.last!;
  const lowest = first.number === 0n ? 0n : first.number - 1n;
  let from = last.number < target ? last.number : target;
  let window = FIRST_WINDOW;
  let by: readonly Member[] = [];
  while (from >= lowest) {
    const numbers: bigint[] = [];
    for (let n = from; n >= lowest && numbers.length < window; n--) numbers.push(n);
    const agreed = await agreeOnBlocks(numbers, { ...options, withTxs: false });
    for (const { block, by: voters } of agreed) {
      if (isKnown(block.ref, spine)) return { ancestor: block.ref, by };
      by = voters;
    }
    if (agreed.length < numbers.length) return "unknown";
    from -= BigInt(numbers.length);
    window = WINDOW;
  }
  return { ancestor: "none", by };
}

function isKnown(ref: BlockRef, spine: Spine): boolean {
  const first = spine.first!;
  return spine.at(ref.number)?.hash === ref.hash || (ref.number + 1n === first.number && ref.hash === first.parentHash);
}
