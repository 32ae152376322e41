import type { Hex } from "@testudo/core/model/Hex";
import * as Hash from "ox/Hash";
import * as Rlp from "ox/Rlp";

type Node = readonly Item[];
type Item = Hex | Node;

const emptyRoot: Hex = "0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421";

/**
 * What stands at `key` in the Merkle Patricia trie with the root `root`, as RLP, or null where `proof` shows that nothing
 * does. The key is hashed here, as state and storage tries have it. Throws `ProofBroken` where it shows neither.
 */
export function verifyProof(root: Hex, key: Hex, proof: readonly Hex[]): Hex | null {
  if (root === emptyRoot && proof.length === 0) return null;
  let path = Hash.keccak256(key).slice(2);
  let expected: Item = root;
  for (const bytes of proof) {
    if (typeof expected === "string" && Hash.keccak256(bytes) !== expected)
      throw new ProofBroken(`a node is not the one that ${expected} names`);
    const step = stepInto(decode(bytes), path);
    if (step.value !== undefined) return step.value;
    path = step.path;
    expected = step.next;
  }
  throw new ProofBroken("it ends before the trie does");
}

interface Step {
  /** What the search ends with. */
  readonly value?: Hex | null;
  readonly next: Item;
  readonly path: string;
}

// Nodes of less than 32 bytes stand inside the one above them, and are gone through at once.
function stepInto(node: Node, path: string): Step {
  const { value, next, path: rest } = node.length === 17 ? branch(node, path) : shortNode(node, path);
  if (value !== undefined) return { value, next, path: rest };
  return typeof next === "string" ? { next, path: rest } : stepInto(next, rest);
}

function branch(node: Node, path: string): Step {
  // Hashed keys are all as long: no value stands in a branch.
  const next = node[Number.parseInt(path[0] ?? "", 16)];
  if (next === undefined) throw new ProofBroken("the key ends in a branch");
  return next === "0x" ? { value: null, next, path } : { next, path: path.slice(1) };
}

function shortNode(node: Node, path: string): Step {
  const [encoded, next] = node;
  if (node.length !== 2 || typeof encoded !== "string" || next === undefined || encoded.length < 4)
    throw new ProofBroken("a node is none of a trie");
  const flag = Number.parseInt(encoded[2]!, 16);
  const own = encoded.slice(flag % 2 === 1 ? 3 : 4);
  const isLeaf = flag >= 2;
  if (isLeaf) return { value: own === path ? bytesOf(next) : null, next, path };
  return path.startsWith(own) ? { next, path: path.slice(own.length) } : { value: null, next, path };
}

function bytesOf(item: Item): Hex {
  if (typeof item === "string") return item;
  throw new ProofBroken("a leaf holds no value");
}

function decode(bytes: Hex): Node {
  try {
    const node = Rlp.toHex(bytes) as Item;
    if (typeof node !== "string") return node;
  } catch (cause) {
    throw new ProofBroken("a node is no RLP", cause);
  }
  throw new ProofBroken("a node is no list");
}

/** A proof does not show what it is said to show. Not retryable at this node. */
export class ProofBroken extends Error {
  override readonly name = "ProofBroken";
  constructor(why: string, cause?: unknown) {
    super(
      `A proof of state is broken: ${why}.\n- It has to lead from the header's state root to the value.\n- The chain has no such trie, or the node is faulty; use another.`,
      { cause },
    );
  }
}
