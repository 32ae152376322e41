// Points as the calls take them, made with the library's own multiplication.
import { bls12_381 } from "@noble/curves/bls12-381.js";
import { bn254 } from "@noble/curves/bn254.js";
import { numbers } from "./bytes.testkit.ts";

export const bn254Order = bn254.fields.Fr.ORDER;
export const bn254Prime = bn254.fields.Fp.ORDER;
export const blsOrder = bls12_381.fields.Fr.ORDER;
export const blsPrime = bls12_381.fields.Fp.ORDER;

/** `k` times the generator of bn254's first group. */
export function bn254G1(k: bigint): Uint8Array {
  const { x, y } = bn254.G1.Point.BASE.multiplyUnsafe(modulo(k, bn254Order)).toAffine();
  return numbers(32, x, y);
}

/** `k` times the generator of bn254's second group. */
export function bn254G2(k: bigint): Uint8Array {
  const { x, y } = bn254.G2.Point.BASE.multiplyUnsafe(modulo(k, bn254Order)).toAffine();
  return numbers(32, x.c1, x.c0, y.c1, y.c0);
}

/** `k` times the generator of BLS12-381's first group. */
export function blsG1(k: bigint): Uint8Array {
  const { x, y } = bls12_381.G1.Point.BASE.multiplyUnsafe(modulo(k, blsOrder)).toAffine();
  return numbers(64, x, y);
}

/** `k` times the generator of BLS12-381's second group. */
export function blsG2(k: bigint): Uint8Array {
  const { x, y } = bls12_381.G2.Point.BASE.multiplyUnsafe(modulo(k, blsOrder)).toAffine();
  return numbers(64, x.c0, x.c1, y.c0, y.c1);
}

function modulo(k: bigint, order: bigint): bigint {
  return ((k % order) + order) % order;
}
