import { toWordBytes } from "./randomWord.ts";

/** What both engines take for the hash of an older block. */
export function hashOfBlock(number: bigint): Uint8Array {
  return toWordBytes(
    ((number + 1n) * 0x9e3779b97f4a7c15f39cc0605cedc8341082276bf3a27251f86c6a11d0c18e95n) & ((1n << 256n) - 1n),
  );
}
