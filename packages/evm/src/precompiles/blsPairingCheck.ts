import { bls12_381 } from "@noble/curves/bls12-381.js";
import { encodeNumbers } from "./bigEndian.ts";
import { type G1Point, type G2Point, g1, g2, readInSubgroup } from "./blsPoints.ts";
import type { Precompile } from "./Precompile.ts";

const pairLength = g1.length + g2.length;
const { Fp12 } = bls12_381.fields;

/** 1 as a word where the product of the pairings of all pairs is one, else 0 (EIP-2537). */
export const blsPairingCheck: Precompile = {
  name: "blsPairingCheck",
  gas: (input) => 37_700n + 32_600n * BigInt(Math.floor(input.length / pairLength)),
  run: (input) => {
    if (input.length === 0 || input.length % pairLength !== 0) return undefined;
    const pairs: { g1: G1Point; g2: G2Point }[] = [];
    for (let start = 0; start < input.length; start += pairLength) {
      const first = readInSubgroup<G1Point>(g1, input, start);
      const second = readInSubgroup<G2Point>(g2, input, start + g1.length);
      if (first === undefined || second === undefined) return undefined;
      // A pair with infinity is a factor of one.
      if (!first.is0() && !second.is0()) pairs.push({ g1: first, g2: second });
    }
    return encodeNumbers(32, Fp12.eql(bls12_381.pairingBatch(pairs), Fp12.ONE) ? 1n : 0n);
  },
};
