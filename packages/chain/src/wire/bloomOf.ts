import type { Log } from "@testudo/core/model/BlockBundle";
import type { Hex } from "@testudo/core/model/Hex";
import { hexToBytes, keccak256 } from "viem/utils";

const BLOOM_BYTES = 256;
// Addresses and topics repeat, and keccak is the dear part. The bound keeps a hostile chain from filling memory.
const KNOWN_MAX = 20_000;
const known = new Map<Hex, readonly [number, number, number]>();

/** The header bloom of `logs` (Yellow Paper, 4.3.1): three bits for each address and each topic. */
export function bloomOf(logs: readonly Log[]): Hex {
  const bloom = Buffer.alloc(BLOOM_BYTES);
  for (const log of logs) {
    add(bloom, log.address);
    for (const topic of log.topics) add(bloom, topic);
  }
  return `0x${bloom.toString("hex")}`;
}

/** Whether `logs` may be all logs of a header with `bloom`. A zero bloom says nothing: some chains leave it empty. */
export function fitsBloom(logs: readonly Log[], bloom: Hex): boolean {
  return isEmptyBloom(bloom) || bloomOf(logs) === bloom;
}

/** Whether no bit is set. */
export function isEmptyBloom(bloom: Hex): boolean {
  return /^0x0*$/.test(bloom);
}

function add(bloom: Buffer, item: Hex): void {
  for (const bit of bitsOf(item)) {
    const at = BLOOM_BYTES - 1 - (bit >> 3);
    bloom[at] = bloom[at]! | (1 << (bit & 7));
  }
}

function bitsOf(item: Hex): readonly [number, number, number] {
  const seen = known.get(item);
  if (seen !== undefined) return seen;
  const hash = keccak256(hexToBytes(item), "bytes");
  const pair = (at: number) => ((hash[at]! << 8) | hash[at + 1]!) & 2047;
  const bits = [pair(0), pair(2), pair(4)] as const;
  if (known.size >= KNOWN_MAX) known.clear();
  known.set(item, bits);
  return bits;
}
