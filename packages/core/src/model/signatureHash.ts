// Signatures are written as their texts where a detector knows many of them; the hash is taken once, when it is loaded.
import { keccak_256 } from "@noble/hashes/sha3.js";
import { bytesToHex, hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import type { Hex } from "./Hex.ts";
import { toWord } from "./Hex.ts";

/** Topic 0 of the event `text`, such as `Transfer(address,address,uint256)`. */
export function eventTopic(text: string): Hex {
  return `0x${bytesToHex(keccak_256(utf8ToBytes(text)))}`;
}

/** The selector of the function `text`, such as `balanceOf(address)`. */
export function functionSelector(text: string): Hex {
  return eventTopic(text).slice(0, 10) as Hex;
}

/** Where Solidity keeps the value of `key` (a word) in the mapping at `slot`. */
export function mappingSlot(key: Hex, slot: bigint): bigint {
  return BigInt(`0x${bytesToHex(keccak_256(hexToBytes(toWord(key) + toWord(slot))))}`);
}

/** The texts by their topics. */
export function byTopic(texts: readonly string[]): ReadonlyMap<string, string> {
  return new Map(texts.map((text) => [eventTopic(text), text]));
}

/** The texts by their selectors. */
export function bySelector(texts: readonly string[]): ReadonlyMap<string, string> {
  return new Map(texts.map((text) => [functionSelector(text), text]));
}
