import type { Hex } from "./Hex.ts";
import { hashOf, type RecordBase } from "./Record.ts";

/** A link of the hash chain: which input was taken, and which records it led to (possibly none: "no action"). */
export interface Evidence extends RecordBase {
  readonly kind: "Evidence";
  /** Counts from 0 without gaps. */
  readonly sequence: number;
  /** Id of the link before; 32 zero bytes for the first. */
  readonly previous: Hex;
  /** What was taken in: `block`, `reorg`, `approval` … */
  readonly input: string;
  /** The block under judgement, where there is one. */
  readonly blockNumber?: bigint;
  readonly blockHash?: Hex;
  /** Ids of the records written with this link, in order; same as `from`. */
  readonly outcome: "no-action" | "recorded";
}

export const firstPrevious: Hex = `0x${"0".repeat(64)}`;

/** What is wrong with a chain of evidence: the first place where it does not hold. */
export type EvidenceFault =
  | { readonly fault: "altered"; readonly sequence: number; readonly id: Hex }
  | { readonly fault: "gap"; readonly sequence: number; readonly found: number }
  | { readonly fault: "unlinked"; readonly sequence: number; readonly id: Hex };

/** Checks `links` in order against their own hashes and each other; undefined when all hold. `previous` is the id before them. */
export function verifyEvidence(
  links: readonly Evidence[],
  previous: Hex = firstPrevious,
  start = 0,
): EvidenceFault | undefined {
  let expected = start;
  let last = previous;
  for (const link of links) {
    const { id, ...body } = link;
    if (hashOf(body) !== id) return { fault: "altered", sequence: expected, id };
    if (link.sequence !== expected) return { fault: "gap", sequence: expected, found: link.sequence };
    if (link.previous !== last) return { fault: "unlinked", sequence: expected, id };
    last = id;
    expected += 1;
  }
  return undefined;
}
