// Signatures are written as their texts where a detector knows many of them; the hash is taken once, when it is loaded.
import { keccak_256 } from "@noble/hashes/sha3.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import type { Hex } from "./Hex.ts";

/** Topic 0 of the event with this text: `Transfer(address,address,uint256)`. */
export function topicOfEvent(text: string): Hex {
  return `0x${bytesToHex(keccak_256(utf8ToBytes(text)))}`;
}

/** First four bytes of calldata of the function with this text: `transfer(address,uint256)`. */
export function selectorOfFunction(text: string): Hex {
  return topicOfEvent(text).slice(0, 10) as Hex;
}

/** The texts by their topics. */
export function byTopic(texts: readonly string[]): ReadonlyMap<string, string> {
  return new Map(texts.map((text) => [topicOfEvent(text), text]));
}

/** The texts by their selectors. */
export function bySelector(texts: readonly string[]): ReadonlyMap<string, string> {
  return new Map(texts.map((text) => [selectorOfFunction(text), text]));
}
