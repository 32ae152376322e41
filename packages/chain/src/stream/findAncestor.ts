import type { BlockRef } from "@testudo/core/model/BlockBundle";
import { agreeDown } from "../nodes/agreeDown.ts";
import type { AgreeOptions } from "../nodes/agreeOnBlocks.ts";
import type { Member } from "../nodes/EndpointPool.ts";
import type { Spine } from "./Spine.ts";

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
  const from = last.number < target ? last.number : target;
  let by: readonly Member[] = [];
  let seen = from + 1n;
  for await (const { block, by: voters } of agreeDown(from, lowest, options)) {
    if (isKnown(block.ref, spine)) return { ancestor: block.ref, by };
    by = voters;
    seen = block.ref.number;
  }
  if (seen > lowest) return "unknown";
  return { ancestor: "none", by };
}

function isKnown(ref: BlockRef, spine: Spine): boolean {
  const first = spine.first!;
  return spine.at(ref.number)?.hash === ref.hash || (ref.number + 1n === first.number && ref.hash === first.parentHash);
}
