// The curve of EIP-196, named alt_bn128 there: points of its first group.
import { bn254 } from "@noble/curves/bn254.js";
import { encodeNumbers, readNumber } from "./bigEndian.ts";

const { Point: G1 } = bn254.G1;
const { Fp } = bn254.fields;
export type Bn254Point = InstanceType<typeof G1>;

/** The point in 64 bytes; two zeros are infinity. Undefined where it lies not on the curve or not in the field. */
export function readBn254Point(input: Uint8Array, start: number): Bn254Point | undefined {
  const [x, y] = [readNumber(input, start, 32), readNumber(input, start + 32, 32)];
  if (x === 0n && y === 0n) return G1.ZERO;
  if (x >= Fp.ORDER || y >= Fp.ORDER) return undefined;
  // All points of the curve are in the group: no more is asked for.
  const isOnCurve = Fp.eql(Fp.sqr(y), Fp.add(Fp.mul(Fp.sqr(x), x), G1.CURVE().b));
  return isOnCurve ? G1.fromAffine({ x, y }) : undefined;
}

/** 64 bytes. */
export function encodeBn254Point(point: Bn254Point): Uint8Array {
  const { x, y } = point.toAffine();
  return encodeNumbers(32, x, y);
}
