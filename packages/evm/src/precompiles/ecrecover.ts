import { keccak_256 } from "@noble/hashes/sha3.js";
import { encodeNumbers, readNumber } from "./bigEndian.ts";
import { invertModulo, positiveModulo } from "./invertModulo.ts";
import { type AffinePoint, toAffine } from "./JacobianPoint.ts";
import type { Precompile } from "./Precompile.ts";
import { secp256k1, secp256k1Generator, secp256k1Lift } from "./secp256k1.ts";
import { lastingMultiplesOf, type OddMultiples, oddMultiplesOf, sumOfMultiples } from "./sumOfMultiples.ts";

const { n } = secp256k1;
// Made at the first call. Wider tables save few additions more.
let generator: OddMultiples | undefined;

/**
 * The address that signed: of the hash, v (27 or 28), r and s, 32 bytes each; as a word. Nothing, and no failure, where no
 * key made such a signature. A high s is taken, as the Yellow Paper has it (appendix E).
 */
export const ecrecover: Precompile = {
  name: "ecrecover",
  gas: () => 3000n,
  run: (input) => {
    const [hash, v, r, s] = [0, 32, 64, 96].map((start) => readNumber(input, start, 32)) as [
      bigint,
      bigint,
      bigint,
      bigint,
    ];
    if ((v !== 27n && v !== 28n) || r === 0n || r >= n || s === 0n || s >= n) return new Uint8Array(0);
    const commitment = secp256k1Lift(r, v === 28n);
    const key = commitment && keyOf(commitment, hash, r, s);
    if (key === undefined) return new Uint8Array(0);
    const word = keccak_256(encodeNumbers(32, key.x, key.y));
    word.fill(0, 0, 12);
    return word;
  },
};

// The key is (s R - hash G) / r.
function keyOf(commitment: AffinePoint, hash: bigint, r: bigint, s: bigint): AffinePoint | undefined {
  generator ??= lastingMultiplesOf(secp256k1, secp256k1Generator, 8);
  const inverse = invertModulo(r, n);
  const sum = sumOfMultiples(secp256k1, [
    [positiveModulo(-hash * inverse, n), generator],
    [(s * inverse) % n, oddMultiplesOf(secp256k1, commitment, 5)],
  ]);
  return toAffine(secp256k1, sum);
}
