import type { GlvCurve } from "./GlvCurve.ts";
import type { AffinePoint } from "./JacobianPoint.ts";

const low = (1n << 256n) - 1n;
// p = 2^256 - excess.
const excess = 0x1000003d1n;
const p = (1n << 256n) - excess;

/** The curve of SEC 2, section 2.4.1. */
export const secp256k1: GlvCurve = {
  p,
  n: 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n,
  b: 7n,
  beta: 0x7ae96a2b657c07106e64479eac3434e99cf0497512f58995c1396c28719501een,
  lambda: 0x5363ad4cc05c30e0a5261c028812645a122e22ea20816678df02967c1b23bd72n,
  basis: [
    [0x3086d221a7d46bcde86c90e49284eb15n, -0xe4437ed6010e88286f547fa90abfe4c3n],
    [0x114ca50f7a8e2f3f657c1108d9d44cfd8n, 0x3086d221a7d46bcde86c90e49284eb15n],
  ],
  // Folding what is above bit 256 down twice is a quarter cheaper than a division.
  reduce: (value) => {
    const once = (value >> 256n) * excess + (value & low);
    return (once >> 256n) * excess + (once & low);
  },
};

export const secp256k1Generator: AffinePoint = {
  x: 0x79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798n,
  y: 0x483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8n,
};

/** The even or odd y of the point with this x, or undefined where none has it. `x` is from 0 to p - 1. */
export function secp256k1Lift(x: bigint, isOdd: boolean): AffinePoint | undefined {
  const square = (x * x * x + 7n) % p;
  const root = rootOf(square);
  if ((root * root) % p !== square) return undefined;
  return { x, y: ((root & 1n) === 1n) === isOdd ? root : p - root };
}

// A root is the power (p + 1) / 4, which in bits is 223 ones, a zero, 22 ones, four zeros, two ones, two zeros.
function rootOf(square: bigint): bigint {
  const { reduce } = secp256k1;
  const squared = (value: bigint, times: number): bigint => {
    let result = value;
    for (let i = 0; i < times; i++) result = reduce(result * result);
    return result;
  };
  // `ones(a + b)` out of `ones(a)` and `ones(b)`: powers whose exponent is so many ones.
  const join = (a: bigint, b: bigint, bits: number): bigint => reduce(squared(a, bits) * b);
  const ones2 = join(square, square, 1);
  const ones3 = join(ones2, square, 1);
  const ones6 = join(ones3, ones3, 3);
  const ones9 = join(ones6, ones3, 3);
  const ones11 = join(ones9, ones2, 2);
  const ones22 = join(ones11, ones11, 11);
  const ones44 = join(ones22, ones22, 22);
  const ones88 = join(ones44, ones44, 44);
  const ones176 = join(ones88, ones88, 88);
  const ones220 = join(ones176, ones44, 44);
  const ones223 = join(ones220, ones3, 3);
  return squared(join(join(ones223, ones22, 23), ones2, 6), 2) % p;
}
