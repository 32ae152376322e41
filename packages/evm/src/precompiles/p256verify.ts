import { p256 } from "@noble/curves/nist.js";
import type { Precompile } from "./Precompile.ts";

const length = 160;

/** 1 as a word where the hash, r, s and the key's two coordinates, 32 bytes each, are a good signature on secp256r1; else nothing (EIP-7951). */
export const p256verify: Precompile = {
  name: "p256verify",
  gas: () => 6900n,
  run: (input) => {
    const isGood = input.length === length && verify(input.slice(0, 32), input.slice(32, 96), input.slice(96));
    if (!isGood) return new Uint8Array(0);
    const one = new Uint8Array(32);
    one[31] = 1;
    return one;
  },
};

function verify(hash: Uint8Array, signature: Uint8Array, coordinates: Uint8Array): boolean {
  const key = new Uint8Array(65);
  key[0] = 0x04;
  key.set(coordinates, 1);
  try {
    return p256.verify(signature, hash, key, { prehash: false, lowS: false });
  } catch {
    // No point of the curve.
    return false;
  }
}
