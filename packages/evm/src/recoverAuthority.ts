import { secp256k1 } from "@noble/curves/secp256k1.js";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { concatBytes } from "@noble/hashes/utils.js";
import { encodeRlp, toShortBytes } from "./encodeRlp.ts";
import { type Address, fromHex, toHex } from "./hex.ts";
import { recoverKey } from "./precompiles/recoverKey.ts";

/**
 * Who signed a delegation of EIP-7702; undefined where the signature names nobody: out of range, from the upper half of
 * its malleable pair, or of no point of the curve.
 */
export function recoverAuthority(
  { chainId, address, nonce }: { readonly chainId: bigint; readonly address: string; readonly nonce: bigint },
  { yParity, r, s }: { readonly yParity: bigint; readonly r: bigint; readonly s: bigint },
): Address | undefined {
  if (yParity > 1n || s > halfOrder) return undefined;
  const target = fromHex(address);
  const signed = encodeRlp([toShortBytes(chainId), target, toShortBytes(nonce)]);
  const key = recoverKey(keccak_256(concatBytes(marker, signed)), yParity === 1n, r, s);
  return key && addressOf(key);
}

/** The address that a secret key of 32 bytes signs for. Throws for a key that is none. */
export function addressOfKey(secretKey: Uint8Array): Address {
  return addressOf(secp256k1.getPublicKey(secretKey, false));
}

// What is above it is the other half of a malleable pair.
const halfOrder = secp256k1.Point.Fn.ORDER / 2n;
// EIP-7702's, so that no other signed text passes for a delegation.
const marker = Uint8Array.of(0x05);

function addressOf(publicKey: Uint8Array): Address {
  return toHex(keccak_256(publicKey.subarray(1)).subarray(12));
}
