import type { Hex } from "@testudo/core/model/Hex";
import * as Hash from "ox/Hash";
import * as Rlp from "ox/Rlp";
import { toRlpNumber } from "./toRlpNumber.ts";

type Node = Hex | readonly Node[];

interface Entry {
  /** The digits of its key. */
  readonly path: string;
  readonly value: Hex;
}

const digits = "0123456789abcdef";

/**
 * The root of the Merkle Patricia trie in which each of `values` stands at the RLP of its place, as a header names its
 * transactions and its receipts (Yellow Paper, 4.3.2 and appendix D). `verifyProof` goes the other way.
 */
export function listRoot(values: readonly Hex[]): Hex {
  const entries = values.map((value, place): Entry => ({ path: keyOf(place), value }));
  // Sorted, all that share a beginning stand together.
  entries.sort((a, b) => (a.path < b.path ? -1 : 1));
  return Hash.keccak256(Rlp.fromHex(nodeOf(entries, 0)));
}

function keyOf(place: number): string {
  return Rlp.fromHex(toRlpNumber(BigInt(place))).slice(2);
}

/** The node over `entries`, which share the first `depth` digits. The keys of a list are none the beginning of another. */
function nodeOf(entries: readonly Entry[], depth: number): Node {
  const [first, last] = [entries[0], entries.at(-1)];
  if (first === undefined || last === undefined) return "0x";
  if (first === last) return [compact(first.path.slice(depth), true), first.value];
  let end = depth;
  while (first.path[end] === last.path[end]) end += 1;
  if (end > depth) return [compact(first.path.slice(depth, end), false), linkTo(nodeOf(entries, end))];
  const below = [...digits].map((digit) => entries.filter(({ path }) => path[depth] === digit));
  return [...below.map((some) => (some.length === 0 ? "0x" : linkTo(nodeOf(some, depth + 1)))), "0x"];
}

/** How a node stands in the one above it: by its hash, or itself where that is shorter. */
function linkTo(node: Node): Node {
  const bytes = Rlp.fromHex(node);
  return bytes.length - 2 < 64 ? node : Hash.keccak256(bytes);
}

/** Digits of a path as bytes, with what they lead to and whether they are odd in number. */
function compact(path: string, isLeaf: boolean): Hex {
  const flag = (isLeaf ? 2 : 0) + (path.length % 2);
  return `0x${flag}${path.length % 2 === 0 ? "0" : ""}${path}`;
}
