import { divideLimbs, divisor, numerator, quotient } from "./divide";
import { mulFull } from "./multiply";
import { bitsOf, isPowerOfTwo, shiftRight } from "./shift";
import { addWord, copyWord, isNegative, limbsOf, ltWord, negateWord, setLimb, setWord, subWord } from "./word";

const left: usize = memory.data(32, 16);
const right: usize = memory.data(32, 16);

/** Sets `out` to a / b without its fraction; 0 if b is 0. */
export function divWord(out: usize, a: usize, b: usize): void {
  const m = limbsOf(a);
  const n = limbsOf(b);
  if (n == 0 || m < n) return setLimb(out, 0);
  if (m == 1) return setLimb(out, load<u64>(a) / load<u64>(b));
  if (isPowerOfTwo(b)) return shiftRight(out, a, u64(bitsOf(b) - 1), 0);
  copyWord(numerator, a);
  copyWord(divisor, b);
  setWord(quotient, 0, 0, 0, 0);
  divideLimbs(m, n);
  copyWord(out, quotient);
}

/** Sets `out` to the remainder of a / b; 0 if b is 0. */
export function modWord(out: usize, a: usize, b: usize): void {
  const n = limbsOf(b);
  if (n == 0) return setLimb(out, 0);
  if (ltWord(a, b)) return copyWord(out, a);
  const m = limbsOf(a);
  if (m == 1) return setLimb(out, load<u64>(a) % load<u64>(b));
  if (isPowerOfTwo(b)) return lowBits(out, a, b);
  copyWord(numerator, a);
  copyWord(divisor, b);
  divideLimbs(m, n);
  copyWord(out, numerator);
}

/** Sets `out` to x modulo a power of two. */
function lowBits(out: usize, x: usize, power: usize): void {
  setLimb(divisor, 1);
  subWord(divisor, power, divisor);
  const high = v128.and(v128.load(x, 16), v128.load(divisor, 16));
  v128.store(out, v128.and(v128.load(x), v128.load(divisor)));
  v128.store(out, high, 16);
}

/** Sets `out` to a / b of signed numbers, rounded to zero; 0 if b is 0, -2^255 for -2^255 / -1. */
export function sdivWord(out: usize, a: usize, b: usize): void {
  const isBelow = isNegative(a) != isNegative(b);
  magnitude(left, a);
  magnitude(right, b);
  divWord(out, left, right);
  if (isBelow) negateWord(out, out);
}

/** Sets `out` to the remainder of a / b of signed numbers, with the sign of a; 0 if b is 0. */
export function smodWord(out: usize, a: usize, b: usize): void {
  const isBelow = isNegative(a);
  magnitude(numerator, a);
  magnitude(right, b);
  modWord(out, numerator, right);
  if (isBelow) negateWord(out, out);
}

function magnitude(out: usize, x: usize): void {
  if (isNegative(x)) negateWord(out, x);
  else copyWord(out, x);
}

/** Sets `out` to (a + b) % m with no wrap at 2^256; 0 if m is 0. */
export function addmodWord(out: usize, a: usize, b: usize, m: usize): void {
  const n = limbsOf(m);
  if (n == 0) return setLimb(out, 0);
  addWord(left, a, b);
  const wraps = ltWord(left, b);
  if (!wraps) return modWord(out, left, m);
  copyWord(numerator, left);
  store<u64>(numerator, 1, 32);
  copyWord(divisor, m);
  divideLimbs(5, n);
  copyWord(out, numerator);
}

/** Sets `out` to (a * b) % m with no wrap at 2^256; 0 if m is 0. */
export function mulmodWord(out: usize, a: usize, b: usize, m: usize): void {
  const n = limbsOf(m);
  if (n == 0) return setLimb(out, 0);
  mulFull(numerator, a, b);
  if (isAllOnes(m)) return foldHalves(out);
  const high = limbsOf(numerator + 32);
  if (high == 0 || isPowerOfTwo(m)) return modWord(out, numerator, m);
  copyWord(divisor, m);
  divideLimbs(high + 4, n);
  copyWord(out, numerator);
}

@inline
function isAllOnes(x: usize): bool {
  return (load<u64>(x) & load<u64>(x, 8) & load<u64>(x, 16) & load<u64>(x, 24)) == ~(<u64>0);
}

/**
 * Reduces the product modulo 2^256 - 1, where 2^256 is 1: the two halves are added, and a carry too. This is how
 * contracts get at the upper half of a product (mulDiv).
 */
function foldHalves(out: usize): void {
  addWord(left, numerator, numerator + 32);
  setLimb(right, u64(ltWord(left, numerator)));
  addWord(out, left, right);
  if (isAllOnes(out)) setLimb(out, 0);
}
