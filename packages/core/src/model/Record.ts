import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { canonicalJson } from "./canonicalJson.ts";
import type { Hex } from "./Hex.ts";

/** What every record has: its kind, the records that caused it, and an id that is the hash of all the rest. */
export interface RecordBase {
  readonly kind: string;
  readonly id: Hex;
  readonly from: readonly Hex[];
}

/** SHA-256 of the RFC 8785 JSON of `value`. */
export function hashOf(value: unknown): Hex {
  return `0x${bytesToHex(sha256(utf8ToBytes(canonicalJson(value))))}`;
}

/** Gives `body` its id, the hash of its canonical JSON, and freezes it. */
export function identify<T extends Omit<RecordBase, "id">>(body: T): T & { readonly id: Hex } {
  return Object.freeze({ ...body, id: hashOf(body) });
}

/** Whether `record.id` is the hash of the rest. A changed byte makes it false. */
export function isIntact(record: RecordBase): boolean {
  const { id, ...body } = record;
  return hashOf(body) === id;
}
