import type { BlockRef } from "@testudo/core/model/BlockBundle";
import { type AgreeOptions, agreeOnBlocks } from "./agreeOnBlocks.ts";
import type { Spine } from "./Spine.ts";

const FIRST_WINDOW = 8;
const WINDOW = 64;

/**
 * The newest block of `spine` that the chain still has; it may be the parent of the spine's first block. "unknown" when
 * the endpoints cannot agree now, "none" when the chain has none of the known blocks: the reorg is deeper than they go.
 */
export async function findAncestor(
  spine: Spine,
  target: bigint,
  options: Omit<AgreeOptions, "withTxs">,
): Promise<BlockRef | "unknown" | "none"> {
  const first = spine.first!;
  const last = spine.last!;
  const lowest = first.number === 0n ? 0n : first.number - 1n;
  let from = last.number < target ? last.number : target;
  let window = FIRST_WINDOW;
  while (from >= lowest) {
    const numbers: bigint[] = [];
    for (let n = from; n >= lowest && numbers.length < window; n--) numbers.push(n);
    const agreed = await agreeOnBlocks(numbers, { ...options, withTxs: false });
    for (const { block } of agreed) if (isKnown(block.ref, spine)) return block.ref;
    if (agreed.length < numbers.length) return "unknown";
    from -= BigInt(numbers.length);
    window = WINDOW;
  }
  return "none";
}

function isKnown(ref: BlockRef, spine: Spine): boolean {
  const first = spine.first!;
  return spine.at(ref.number)?.hash === ref.hash || (ref.number + 1n === first.number && ref.hash === first.parentHash);
}
