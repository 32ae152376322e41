import { keccak_256 } from "@noble/hashes/sha3.js";
import { encodeRlp } from "../encodeRlp.ts";
import type { StateTestLog } from "./StateTestEngine.ts";

/** Hash of the encoded list of `logs`, each as address, topics and data: what the suite compares logs by. */
export function logsHash(logs: readonly StateTestLog[]): Uint8Array {
  return keccak_256(
    encodeRlp(logs.map(({ address, topics, data }) => [Buffer.from(address.slice(2), "hex"), topics, data])),
  );
}
