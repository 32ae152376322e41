import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import type { Address, Hex } from "../model/Hex.ts";

/** What a contract's code pushes: the addresses and selectors that are written in it. */
export interface PushedWords {
  /** Of 20 bytes, or wider with zeros before them: immutable variables are words. */
  readonly addresses: ReadonlySet<Address>;
  readonly selectors: ReadonlySet<Hex>;
  /** Those of `selectors` that are compared with in the first part of the code: its own functions. */
  readonly functions: readonly Hex[];
}

const push1 = 0x60;
const push4 = 0x63;
const push20 = 0x73;
const push32 = 0x7f;
const eq = 0x14;
const dup1 = 0x80;

/**
 * Reads `code` instruction by instruction, so that data of one PUSH is not taken for another. A function is a four-byte
 * word that a comparison follows, as every compiler's dispatcher has it (`DUP1 PUSH4 x EQ`, or `PUSH4 x EQ`, or `PUSH4 x
 * DUP2 EQ`).
 */
export function pushedWords(code: Hex): PushedWords {
  const bytes = hexToBytes(code.slice(2));
  const addresses = new Set<Address>();
  const selectors = new Set<Hex>();
  const functions: Hex[] = [];
  for (let at = 0; at < bytes.length; ) {
    const op = bytes[at]!;
    if (op < push1 || op > push32) {
      at += 1;
      continue;
    }
    const size = op - push1 + 1;
    const data = bytes.subarray(at + 1, at + 1 + size);
    const next = at + 1 + size;
    if (op >= push20 && isAddress(data)) addresses.add(`0x${bytesToHex(data.subarray(-20))}`);
    if (op === push4) {
      const selector: Hex = `0x${bytesToHex(data)}`;
      selectors.add(selector);
      const isCompared = bytes[next] === eq || (bytes[next] === dup1 + 1 && bytes[next + 1] === eq);
      if (isCompared && !functions.includes(selector)) functions.push(selector);
    }
    at = next;
  }
  return { addresses, selectors, functions };
}

/** Whether `data` of 20 to 32 bytes is an address: as long as one, or zeros before a number that is no small one. */
function isAddress(data: Uint8Array): boolean {
  const from = data.length - 20;
  if (from === 0) return true;
  return data.subarray(0, from).every((byte) => byte === 0) && data.subarray(from, from + 4).some((byte) => byte !== 0);
}
