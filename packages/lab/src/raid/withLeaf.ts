import { writePlace } from "../adversary/Place.ts";
import type { CallMove, Leaf } from "./Plan.ts";

/** The move with another value, or another source of it, in one place. */
export function withLeaf(move: CallMove, which: number, value: bigint, source: Leaf["source"]): CallMove {
  const input = move.input.slice();
  const { place, name, type } = move.leaves[which]!;
  writePlace(input, place, value);
  const leaf: Leaf = source === undefined ? { place, name, type } : { place, name, type, source };
  return { ...move, input, leaves: move.leaves.with(which, leaf) };
}
