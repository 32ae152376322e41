import { keccak_256 } from "@noble/hashes/sha3.js";
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import type { Address } from "./Hex.ts";

/** The address of the contract that `from` creates with `nonce` (keccak of the RLP list of both, last 20 bytes). */
export function createdAddress(from: Address, nonce: number): Address {
  const digits = nonce.toString(16);
  const bytes = digits.length % 2 === 0 ? digits : `0${digits}`;
  const item = nonce === 0 ? "80" : nonce < 0x80 ? bytes : `${(0x80 + bytes.length / 2).toString(16)}${bytes}`;
  const body = `94${from.slice(2)}${item}`;
  const list = `${(0xc0 + body.length / 2).toString(16)}${body}`;
  return `0x${bytesToHex(keccak_256(hexToBytes(list))).slice(-40)}`;
}
