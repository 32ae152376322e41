// Points in Jacobian coordinates: x / z² and y / z³, infinity where z is 0. Coordinates stand for their class modulo p
// and may be negative; reductions are what costs, so sums of products are reduced once.
import type { GlvCurve } from "./GlvCurve.ts";
import { invertModulo, positiveModulo } from "./invertModulo.ts";

export interface AffinePoint {
  readonly x: bigint;
  readonly y: bigint;
}

export interface JacobianPoint extends AffinePoint {
  readonly z: bigint;
}

/** A point that is added often: the powers of its z are kept. */
export interface Addend extends JacobianPoint {
  readonly zz: bigint;
  readonly zzz: bigint;
}

export const infinity: JacobianPoint = { x: 1n, y: 1n, z: 0n };

/** Twice a point. Formulas "dbl-2009-l" of the Explicit-Formulas Database. A group of odd order has no point with y = 0. */
export function double({ reduce }: GlvCurve, { x, y, z }: JacobianPoint): JacobianPoint {
  if (z === 0n) return infinity;
  const yy = reduce(y * y);
  const d = reduce(4n * x * yy);
  const e = reduce(3n * x * x);
  const x3 = reduce(e * e - 2n * d);
  return { x: x3, y: reduce(e * (d - x3) - 8n * yy * yy), z: reduce(2n * y * z) };
}

/** `a + b`, whatever they are. Formulas "add-1998-cmo-2" of the Explicit-Formulas Database. */
export function add(curve: GlvCurve, a: JacobianPoint, b: Addend): JacobianPoint {
  if (a.z === 0n) return b;
  if (b.z === 0n) return a;
  const { reduce, p } = curve;
  const zz = reduce(a.z * a.z);
  const isAffine = b.z === 1n;
  const u = isAffine ? a.x : reduce(a.x * b.zz);
  const s = isAffine ? a.y : reduce(a.y * b.zzz);
  const h = reduce(b.x * zz - u);
  const r = reduce(b.y * reduce(zz * a.z) - s);
  if (h % p === 0n) return r % p === 0n ? double(curve, a) : infinity;
  const hh = reduce(h * h);
  const hhh = reduce(hh * h);
  const v = reduce(u * hh);
  const x3 = reduce(r * r - hhh - 2n * v);
  return {
    x: x3,
    y: reduce(r * (v - x3) - s * hhh),
    z: reduce((isAffine ? a.z : reduce(a.z * b.z)) * h),
  };
}

/** The same point, ready to be added. */
export function toAddend({ reduce }: GlvCurve, { x, y, z }: JacobianPoint): Addend {
  const zz = z === 1n ? 1n : reduce(z * z);
  return { x, y, z, zz, zzz: z === 1n ? 1n : reduce(zz * z) };
}

/** Undefined for infinity. Coordinates are from 0 to p - 1. */
export function toAffine({ p }: GlvCurve, { x, y, z }: JacobianPoint): AffinePoint | undefined {
  if (z === 0n) return undefined;
  const inverse = invertModulo(z, p);
  const square = (inverse * inverse) % p;
  return { x: positiveModulo(x * square, p), y: positiveModulo(((y * inverse) % p) * square, p) };
}
