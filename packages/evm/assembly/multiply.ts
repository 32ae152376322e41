import { mulHigh } from "./wide";
import { copyWord, isZeroWord, limbsOf, setLimb, setWord } from "./word";
import { bitsOf, isPowerOfTwo, shiftLeft } from "./shift";

const base: usize = memory.data(32, 16);

/** Sets `out` to a * b modulo 2^256. */
export function mulWord(out: usize, a: usize, b: usize): void {
  const a0 = load<u64>(a);
  const a1 = load<u64>(a, 8);
  const a2 = load<u64>(a, 16);
  const a3 = load<u64>(a, 24);
  const b0 = load<u64>(b);
  const b1 = load<u64>(b, 8);
  const b2 = load<u64>(b, 16);
  const b3 = load<u64>(b, 24);
  if ((a1 | a2 | a3 | b1 | b2 | b3) == 0) {
    setWord(out, a0 * b0, mulHigh(a0, b0), 0, 0);
    return;
  }
  if ((a2 | a3 | b2 | b3) == 0) return mulTwoLimbs(out, a0, a1, b0, b1);
  // Column by column: what two limbs give lands in the columns i + j (low half) and i + j + 1 (high half).
  let term = a0 * b1;
  let r1 = mulHigh(a0, b0) + term;
  let carry = u64(r1 < term);
  term = a1 * b0;
  r1 += term;
  carry += u64(r1 < term);

  let r2 = mulHigh(a0, b1) + carry;
  let carry3 = u64(r2 < carry);
  term = mulHigh(a1, b0);
  r2 += term;
  carry3 += u64(r2 < term);
  term = a0 * b2;
  r2 += term;
  carry3 += u64(r2 < term);
  term = a1 * b1;
  r2 += term;
  carry3 += u64(r2 < term);
  term = a2 * b0;
  r2 += term;
  carry3 += u64(r2 < term);

  const high3 = mulHigh(a0, b2) + mulHigh(a1, b1) + mulHigh(a2, b0);
  setWord(out, a0 * b0, r1, r2, high3 + a0 * b3 + a1 * b2 + a2 * b1 + a3 * b0 + carry3);
}

@inline
function mulTwoLimbs(out: usize, a0: u64, a1: u64, b0: u64, b1: u64): void {
  let term = a0 * b1;
  let r1 = mulHigh(a0, b0) + term;
  // An upper half is at most 2^64 - 2: one carry fits.
  const middle = mulHigh(a0, b1) + u64(r1 < term);
  term = a1 * b0;
  r1 += term;
  const other = mulHigh(a1, b0) + u64(r1 < term);
  let r2 = middle + other;
  let r3 = mulHigh(a1, b1) + u64(r2 < other);
  term = a1 * b1;
  r2 += term;
  r3 += u64(r2 < term);
  setWord(out, a0 * b0, r1, r2, r3);
}

/** Writes a * b in full: eight limbs at `product`, which is neither operand. */
export function mulFull(product: usize, a: usize, b: usize): void {
  const a0 = load<u64>(a);
  const a1 = load<u64>(a, 8);
  const a2 = load<u64>(a, 16);
  const a3 = load<u64>(a, 24);
  // A window of four limbs goes up the product; the lowest is final after each row. limb + a * b + carry cannot wrap.
  let r0: u64 = 0;
  let r1: u64 = 0;
  let r2: u64 = 0;
  let r3: u64 = 0;
  for (let row: usize = 0; row < 32; row += 8) {
    const limb = load<u64>(b + row);
    let low = a0 * limb;
    let sum = r0 + low;
    let carry = mulHigh(a0, limb) + u64(sum < low);
    store<u64>(product + row, sum);

    low = a1 * limb;
    sum = r1 + low;
    r0 = sum + carry;
    carry = mulHigh(a1, limb) + u64(sum < low) + u64(r0 < carry);

    low = a2 * limb;
    sum = r2 + low;
    r1 = sum + carry;
    carry = mulHigh(a2, limb) + u64(sum < low) + u64(r1 < carry);

    low = a3 * limb;
    sum = r3 + low;
    r2 = sum + carry;
    r3 = mulHigh(a3, limb) + u64(sum < low) + u64(r2 < carry);
  }
  setWord(product + 32, r0, r1, r2, r3);
}

/** Sets `out` to a ** e modulo 2^256; 0 ** 0 is 1. */
export function expWord(out: usize, a: usize, e: usize): void {
  const bits = bitsOf(e);
  if (bits == 0) return setLimb(out, 1);
  if (isPowerOfTwo(a)) return powerOfTwo(out, u64(bitsOf(a) - 1), e);
  copyWord(base, a);
  // The exponent may stand where the result goes.
  const e0 = load<u64>(e);
  const e1 = load<u64>(e, 8);
  const e2 = load<u64>(e, 16);
  const e3 = load<u64>(e, 24);
  copyWord(out, base);
  for (let i = bits - 2; i >= 0; i--) {
    mulWord(out, out, out);
    const limb = i < 128 ? (i < 64 ? e0 : e1) : i < 192 ? e2 : e3;
    if ((limb >> (i & 63)) & 1) mulWord(out, out, base);
  }
}

function powerOfTwo(out: usize, exponent: u64, e: usize): void {
  const times = load<u64>(e);
  const isBeyond = limbsOf(e) > 1 || times > 255 || exponent * times > 255;
  setLimb(out, 1);
  if (exponent != 0) shiftLeft(out, out, isBeyond ? 256 : exponent * times);
}

/** Returns how many bytes the number needs, 0 for zero: what EXP is charged for. */
export function bytesOfExponent(e: usize): u32 {
  return isZeroWord(e) ? 0 : u32(bitsOf(e) + 7) >> 3;
}
