import { bls12_381 } from "@noble/curves/bls12-381.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { encodeNumbers, readNumber } from "./bigEndian.ts";
import { G1, type G1Point, G2 } from "./blsPoints.ts";
import type { Precompile } from "./Precompile.ts";

const fieldElementsPerBlob = 4096n;
const versionOfHash = 1;
const { ORDER: blsModulus } = bls12_381.fields.Fr;
const { Fp12 } = bls12_381.fields;
// The secret of the ceremony times the generator: `g2_monomial[1]` of Ethereum's trusted setup (consensus-specs,
// presets/mainnet/trusted_setups/trusted_setup_4096.json).
const secretPoint =
  "b5bfd7dd8cdeb128843bc287230af38926187075cbfbefa81009a2ce615ac53d2914e5870cb452d2afaaab24f3499f72" +
  "185cbfee53492714734429b7b38608e23926c911cceceac9a36851477ba4c60b087041de621000edc98edada20c1def2";
type Lines = ReturnType<typeof bls12_381.utils.calcPairingPrecomputes>;
// Both points of the second group are the same at every call, and so are their lines, made at the first.
let lines: { readonly generator: Lines; readonly secret: Lines } | undefined;

/**
 * Checks that the polynomial behind a commitment has the value y at z (EIP-4844): versioned hash, z, y, commitment and
 * proof. Gives the number of field elements of a blob and the order of their field; fails where it is not so.
 */
export const pointEvaluation: Precompile = {
  name: "pointEvaluation",
  gas: () => 50_000n,
  run: (input) => {
    if (input.length !== 192 || !isHashOf(input.subarray(0, 32), input.subarray(96, 144))) return undefined;
    const [z, y] = [readNumber(input, 32, 32), readNumber(input, 64, 32)];
    if (z >= blsModulus || y >= blsModulus) return undefined;
    const commitment = readCompressed(input.subarray(96, 144));
    const proof = readCompressed(input.subarray(144, 192));
    if (commitment === undefined || proof === undefined || !isProof(commitment, z, y, proof)) return undefined;
    return encodeNumbers(32, fieldElementsPerBlob, blsModulus);
  },
};

function isHashOf(versionedHash: Uint8Array, commitment: Uint8Array): boolean {
  const hash = sha256(commitment);
  hash[0] = versionOfHash;
  return hash.every((byte, i) => byte === versionedHash[i]);
}

// A point of the subgroup, infinity among them, as 48 bytes.
function readCompressed(bytes: Uint8Array): G1Point | undefined {
  try {
    return G1.fromBytes(bytes);
  } catch {
    return undefined;
  }
}

// e(commitment - y G1, G2) = e(proof, (secret - z) G2), with all that is not known beforehand moved into the first group:
// e(commitment - y G1 + z proof, G2) e(-proof, secret G2) = 1.
function isProof(commitment: G1Point, z: bigint, y: bigint, proof: G1Point): boolean {
  lines ??= {
    generator: bls12_381.utils.calcPairingPrecomputes(G2.BASE),
    secret: bls12_381.utils.calcPairingPrecomputes(G2.fromHex(secretPoint)),
  };
  const shifted = commitment.add(G1.BASE.multiplyUnsafe(y).negate()).add(proof.multiplyUnsafe(z));
  const terms: [Lines, bigint, bigint][] = [];
  for (const [line, point] of [[lines.generator, shifted] as const, [lines.secret, proof.negate()] as const]) {
    if (point.is0()) continue;
    const { x, y: pointY } = point.toAffine();
    terms.push([line, x, pointY]);
  }
  return Fp12.eql(Fp12.finalExponentiate(bls12_381.millerLoopBatch(terms)), Fp12.ONE);
}
