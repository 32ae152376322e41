import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import type { CallFrame } from "./BlockBundle.ts";
import { type Visit, walk } from "./CallTree.ts";
import type { Hex } from "./Hex.ts";
import { oncePer } from "./oncePer.ts";

/**
 * One call of a block: its transaction, its place in the call tree in pre-order from 0 (`Visit.order`), and what the tree was up to
 * there. Two nodes may show one transaction by different trees (some leave out calls of precompiled contracts): a place with another
 * `shape` is another call. Calls in a row that are entered alike (type, addresses, selector, length of the input) are told apart by
 * their place alone.
 */
export interface FrameId {
  readonly tx: Hex;
  readonly order: number;
  /** 16 hex digits. */
  readonly shape: string;
}

/** The id of the call at `visit`, in the transaction `tx`. */
export function frameIdOf(tx: Hex, visit: Visit): FrameId {
  let top = visit;
  while (top.parent !== undefined) top = top.parent;
  return { tx, order: visit.order, shape: shapesOf(top.frame)[visit.order]! };
}

/** Whether `id` names a call of the tree `root`, whose transaction is that of `id`. */
export function isFrameOf(root: CallFrame, { order, shape }: FrameId): boolean {
  return shapesOf(root)[order] === shape;
}

/** `id` in one text. */
export function nameOfFrame({ tx, order, shape }: FrameId): string {
  return `${tx}/${order}/${shape}`;
}

const shapeBytes = 8;

/**
 * A digest for each call, in pre-order: of how it was entered, and of the one before. How a call ended is no part of it, and neither is
 * the address that a creation names, which nodes give in different ways where it failed.
 */
const shapesOf = oncePer((root: CallFrame): readonly string[] => {
  let last = "";
  return walk(root).map(({ frame: { type, from, to, input }, depth, selector }) => {
    const target = type === "CREATE" || type === "CREATE2" ? "" : to;
    const text = `${last} ${depth} ${type} ${from} ${target} ${selector} ${input.length}`;
    last = bytesToHex(sha256(utf8ToBytes(text)).subarray(0, shapeBytes));
    return last;
  });
});
