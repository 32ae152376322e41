// The curve of EIP-196, named alt_bn128 there.
import { encodeNumbers, readNumber } from "./bigEndian.ts";
import type { GlvCurve } from "./GlvCurve.ts";
import { infinity, type JacobianPoint, toAffine } from "./JacobianPoint.ts";

const p = 0x30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47n;

/** `basis` by the algorithm of Euclid over n and `lambda`, ended half way. */
export const bn254: GlvCurve = {
  p,
  n: 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001n,
  b: 3n,
  beta: 0x59e26bcea0d48bacd4f263f1acdb5c4f5763473177fffffen,
  lambda: 0xb3c4d79d41a917585bfc41088d8daaa78b17ea66b99c90ddn,
  basis: [
    [0x89d3256894d213e3n, -0x6f4d8248eeb859fc8211bbeb7d4f1128n],
    [0x6f4d8248eeb859fd0be4e1541221250bn, 0x89d3256894d213e3n],
  ],
  reduce: (value) => value % p,
};

/** The point in 64 bytes; two zeros are infinity. Undefined where it lies not on the curve or not in the field. */
export function readBn254Point(input: Uint8Array, start: number): JacobianPoint | undefined {
  const [x, y] = [readNumber(input, start, 32), readNumber(input, start + 32, 32)];
  if (x === 0n && y === 0n) return infinity;
  if (x >= p || y >= p || (y * y - x * x * x - bn254.b) % p !== 0n) return undefined;
  return { x, y, z: 1n };
}

/** 64 bytes. */
export function encodeBn254Point(point: JacobianPoint): Uint8Array {
  const { x, y } = toAffine(bn254, point) ?? { x: 0n, y: 0n };
  return encodeNumbers(32, x, y);
}
