import { keccak_256 } from "@noble/hashes/sha3.js";
import { encodeRlp, encodeRlpList } from "../encodeRlp.ts";

/** Root of an empty trie: keccak of the encoding of nothing. */
export const emptyTrieRoot: Uint8Array = keccak_256(encodeRlp(new Uint8Array(0)));

/** One entry: a key of 32 bytes and what is stored there, encoded. */
export interface TrieEntry {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

/**
 * Root hash of the Merkle-Patricia trie over `entries` (yellow paper, appendix D). Keys are hashes, so that all have 64
 * digits and none is the beginning of another: no node both branches and holds a value.
 */
export function trieRoot(entries: readonly TrieEntry[]): Uint8Array {
  if (entries.length === 0) return emptyTrieRoot;
  const sorted = [...entries].sort((a, b) => Buffer.compare(a.key, b.key));
  return keccak_256(encodeNode(sorted, 0, sorted.length, 0));
}

/** The node over `sorted[from..to)`, which share their first `depth` digits. */
function encodeNode(sorted: readonly TrieEntry[], from: number, to: number, depth: number): Uint8Array {
  const first = sorted[from]!;
  if (to - from === 1) return encodeRlp([encodePath(first.key, depth, 64, true), first.value]);
  const shared = sharedDigits(first.key, sorted[to - 1]!.key, depth);
  if (shared > depth) {
    const child = encodeNode(sorted, from, to, shared);
    return encodeRlpList([encodeRlp(encodePath(first.key, depth, shared, false)), refer(child)]);
  }
  const children: Uint8Array[] = [];
  let start = from;
  for (let digit = 0; digit < 16; digit++) {
    let end = start;
    while (end < to && digitAt(sorted[end]!.key, depth) === digit) end++;
    children.push(end === start ? nothing : refer(encodeNode(sorted, start, end, depth + 1)));
    start = end;
  }
  return encodeRlpList([...children, nothing]);
}

const nothing = encodeRlp(new Uint8Array(0));

// A node shorter than a hash stands in its parent itself.
function refer(node: Uint8Array): Uint8Array {
  return node.length < 32 ? node : encodeRlp(keccak_256(node));
}

function sharedDigits(a: Uint8Array, b: Uint8Array, from: number): number {
  let at = from;
  while (at < 64 && digitAt(a, at) === digitAt(b, at)) at++;
  return at;
}

function digitAt(key: Uint8Array, index: number): number {
  const byte = key[index >> 1]!;
  return index % 2 === 0 ? byte >> 4 : byte & 15;
}

/** Digits `from..to` of `key` as appendix C packs them, with the mark of a leaf and of an odd count. */
function encodePath(key: Uint8Array, from: number, to: number, isLeaf: boolean): Uint8Array {
  const count = to - from;
  const isOdd = count % 2 === 1;
  const packed = new Uint8Array(1 + (count >> 1));
  packed[0] = (isLeaf ? 0x20 : 0) + (isOdd ? 0x10 + digitAt(key, from) : 0);
  for (let at = from + (isOdd ? 1 : 0), out = 1; at < to; at += 2, out++)
    packed[out] = (digitAt(key, at) << 4) + digitAt(key, at + 1);
  return packed;
}
