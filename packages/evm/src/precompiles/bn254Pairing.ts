import { bn254 as curve } from "@noble/curves/bn254.js";
import { encodeNumbers, readNumber } from "./bigEndian.ts";
import { readBn254Point } from "./bn254.ts";
import type { Precompile } from "./Precompile.ts";

const pairLength = 192;
const { Point: G2 } = curve.G2;
const { Fp12 } = curve.fields;
type Pair = Parameters<typeof curve.pairingBatch>[0][number];

/** 1 as a word where the product of the pairings of all pairs is one, else 0 (EIP-197; price by EIP-1108). */
export const bn254Pairing: Precompile = {
  name: "bn254Pairing",
  gas: (input) => 45_000n + 34_000n * BigInt(Math.floor(input.length / pairLength)),
  run: (input) => {
    if (input.length % pairLength !== 0) return undefined;
    const pairs: Pair[] = [];
    for (let start = 0; start < input.length; start += pairLength) {
      const first = readBn254Point(input, start);
      const second = readTwistPoint(input, start + 64);
      if (first === undefined || second === undefined) return undefined;
      // A pair with infinity is a factor of one.
      if (!first.is0() && !second.is0()) pairs.push({ g1: first, g2: second });
    }
    return encodeNumbers(32, Fp12.eql(curve.pairingBatch(pairs), Fp12.ONE) ? 1n : 0n);
  },
};

// Over the quadratic extension, the imaginary part first; it has to be in the subgroup of order n.
function readTwistPoint(input: Uint8Array, start: number): InstanceType<typeof G2> | undefined {
  const [x1, x0, y1, y0] = [0, 32, 64, 96].map((at) => readNumber(input, start + at, 32)) as [
    bigint,
    bigint,
    bigint,
    bigint,
  ];
  try {
    const point = G2.fromAffine({ x: { c0: x0, c1: x1 }, y: { c0: y0, c1: y1 } });
    point.assertValidity();
    return point;
  } catch {
    return undefined;
  }
}
