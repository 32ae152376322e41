// Elements and points of BLS12-381 as EIP-2537 encodes them: 64 bytes an element of the field, zeros for infinity.
import { bls12_381 } from "@noble/curves/bls12-381.js";
import { encodeNumbers, readNumber } from "./bigEndian.ts";

export const { Point: G1 } = bls12_381.G1;
export const { Point: G2 } = bls12_381.G2;
export type G1Point = InstanceType<typeof G1>;
export type G2Point = InstanceType<typeof G2>;
export type Fp2Element = Parameters<typeof G2.fromAffine>[0]["x"];

const { Fp, Fp2 } = bls12_381.fields;
export const scalarLength = 32;

/** A group as the calls need it: its length in bytes, how to read a point of the curve, and how to write one. */
export interface BlsGroup<P> {
  readonly length: number;
  /** Undefined where the bytes are no point of the curve. It may lie outside the subgroup of prime order. */
  read(input: Uint8Array, start: number): P | undefined;
  encode(point: P): Uint8Array;
}

/** Over the field. */
export const g1: BlsGroup<G1Point> = {
  length: 128,
  read: (input, start) => {
    const [x, y] = [readFp(input, start), readFp(input, start + 64)];
    if (x === undefined || y === undefined) return undefined;
    if (x === 0n && y === 0n) return G1.ZERO;
    const isOnCurve = Fp.eql(Fp.sqr(y), Fp.add(Fp.mul(Fp.sqr(x), x), G1.CURVE().b));
    return isOnCurve ? G1.fromAffine({ x, y }) : undefined;
  },
  encode: (point) => {
    const { x, y } = point.toAffine();
    return encodeNumbers(64, x, y);
  },
};

/** Over the quadratic extension of the field; the real part comes first. */
export const g2: BlsGroup<G2Point> = {
  length: 256,
  read: (input, start) => {
    const [x, y] = [readFp2(input, start), readFp2(input, start + 128)];
    if (x === undefined || y === undefined) return undefined;
    if (Fp2.is0(x) && Fp2.is0(y)) return G2.ZERO;
    const isOnCurve = Fp2.eql(Fp2.sqr(y), Fp2.add(Fp2.mul(Fp2.sqr(x), x), G2.CURVE().b));
    return isOnCurve ? G2.fromAffine({ x, y }) : undefined;
  },
  encode: (point) => {
    const { x, y } = point.toAffine();
    return encodeNumbers(64, x.c0, x.c1, y.c0, y.c1);
  },
};

/** The element in 64 bytes, or undefined where it is not below the field's order. */
export function readFp(input: Uint8Array, start: number): bigint | undefined {
  const value = readNumber(input, start, 64);
  return value < Fp.ORDER ? value : undefined;
}

/** The element in 128 bytes, or undefined where a part is not below the field's order. */
export function readFp2(input: Uint8Array, start: number): Fp2Element | undefined {
  const [c0, c1] = [readFp(input, start), readFp(input, start + 64)];
  return c0 === undefined || c1 === undefined ? undefined : { c0, c1 };
}

/** A point of the subgroup of prime order, or undefined. */
export function readInSubgroup<P extends G1Point | G2Point>(
  group: BlsGroup<P>,
  input: Uint8Array,
  start: number,
): P | undefined {
  const point = group.read(input, start);
  return point?.is0() || point?.isTorsionFree() ? point : undefined;
}
