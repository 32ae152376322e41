// Long division by limbs of 64 bits (Knuth, TAOCP 2, 4.3.1 D). WebAssembly divides 64 bits by 64 only, so a quotient
// limb comes from a product with the divisor's reciprocal (Möller and Granlund, Improved division by invariant integers,
// 2011: algorithms 2 to 6).
import { funnelLeft, funnelRight, mulHigh } from "./wide";
import { setWord } from "./word";

/** The number to divide, up to eight limbs; afterwards the remainder in four. A zero limb stands below, room for one above. */
export const numerator: usize = memory.data(88, 16) + 8;
/** The divisor, four limbs; afterwards shifted up to its highest bit. */
export const divisor: usize = memory.data(32, 16);
/** The quotient's limbs; of a division of `m` limbs by `n`, those from m - n + 1 on are left as they were. */
export const quotient: usize = memory.data(64, 16);

/** Divides `m` limbs at `numerator` by `n` at `divisor`, whose highest is not zero; 1 <= n <= m <= 8, and n <= 4. */
export function divideLimbs(m: i32, n: i32): void {
  const high = load<u64>(limb(divisor, n - 1));
  const shift = clz(high);
  if (n == 1) return divideByOne(m, high << shift, shift);
  if (n == 2) return divideByTwo(m, funnelLeft(high, load<u64>(divisor), shift), load<u64>(divisor) << shift, shift);
  divideByMore(m, n, shift);
}

@inline
function limb(words: usize, i: i32): usize {
  return words + (usize(i) << 3);
}

/** Limb `i` of the numerator once it is shifted as the divisor is; the limb below the lowest is zero. */
@inline
function shifted(i: i32, shift: u64): u64 {
  const at = limb(numerator, i);
  return funnelLeft(load<u64>(at), load<u64>(at - 8), shift);
}

function divideByOne(m: i32, d: u64, shift: u64): void {
  const inverse = reciprocal(d);
  let rest = funnelLeft(0, load<u64>(limb(numerator, m - 1)), shift);
  for (let i = m - 1; i >= 0; i--) {
    const low = shifted(i, shift);
    // Algorithm 4: 2 limbs by 1.
    const product = inverse * rest;
    const fraction = product + low;
    let q = mulHigh(inverse, rest) + rest + u64(fraction < low) + 1;
    rest = low - q * d;
    if (rest > fraction) {
      q--;
      rest += d;
    }
    if (rest >= d) {
      q++;
      rest -= d;
    }
    store<u64>(limb(quotient, i), q);
  }
  setWord(numerator, rest >> shift, 0, 0, 0);
}

function divideByTwo(m: i32, d1: u64, d0: u64, shift: u64): void {
  const inverse = reciprocalOfTwo(d1, d0);
  let rest1 = funnelLeft(0, load<u64>(limb(numerator, m - 1)), shift);
  let rest0 = shifted(m - 1, shift);
  for (let i = m - 2; i >= 0; i--) {
    // Algorithm 5: 3 limbs by 2.
    const product = inverse * rest1;
    const fraction = product + rest0;
    let q = mulHigh(inverse, rest1) + rest1 + u64(fraction < rest0);
    const low = shifted(i, shift);
    const back = d0 * q;
    const t0 = low - back;
    const t1 = rest0 - q * d1 - mulHigh(d0, q) - u64(low < back);
    rest0 = t0 - d0;
    rest1 = t1 - d1 - u64(t0 < d0);
    q++;
    if (rest1 >= fraction) {
      q--;
      const sum = rest0 + d0;
      rest1 += d1 + u64(sum < d0);
      rest0 = sum;
    }
    if (rest1 > d1 || (rest1 == d1 && rest0 >= d0)) {
      q++;
      rest1 -= d1 + u64(rest0 < d0);
      rest0 -= d0;
    }
    store<u64>(limb(quotient, i), q);
  }
  setWord(numerator, funnelRight(rest1, rest0, shift), rest1 >> shift, 0, 0);
}

function divideByMore(m: i32, n: i32, shift: u64): void {
  shiftUp(divisor, n - 1, shift);
  store<u64>(limb(numerator, m), funnelLeft(0, load<u64>(limb(numerator, m - 1)), shift));
  shiftUp(numerator, m - 1, shift);
  const d1 = load<u64>(limb(divisor, n - 1));
  const d0 = load<u64>(limb(divisor, n - 2));
  const inverse = reciprocalOfTwo(d1, d0);
  for (let i = m - n; i >= 0; i--) {
    const at = limb(numerator, i);
    const top = limb(at, n);
    let q = estimate(load<u64>(top), load<u64>(top - 8), load<u64>(top - 16), d1, d0, inverse);
    const borrow = subtractProduct(at, n, q);
    const high = load<u64>(top);
    store<u64>(top, high - borrow);
    if (high < borrow) {
      q--;
      store<u64>(top, load<u64>(top) + addDivisor(at, n));
    }
    store<u64>(limb(quotient, i), q);
  }
  shiftDown(n, shift);
}

/** Shifts limbs `last` to 0 up; the lowest takes in zeros. */
function shiftUp(words: usize, last: i32, shift: u64): void {
  for (let i = last; i > 0; i--) {
    const at = limb(words, i);
    store<u64>(at, funnelLeft(load<u64>(at), load<u64>(at - 8), shift));
  }
  store<u64>(words, load<u64>(words) << shift);
}

/** Brings the remainder of `n` limbs, 3 or 4, back down. */
function shiftDown(n: i32, shift: u64): void {
  const r1 = load<u64>(numerator, 8);
  const r2 = load<u64>(numerator, 16);
  const r3 = n == 4 ? load<u64>(numerator, 24) : 0;
  const low = funnelRight(r1, load<u64>(numerator), shift);
  setWord(numerator, low, funnelRight(r2, r1, shift), funnelRight(r3, r2, shift), r3 >> shift);
}

/** Returns u2:u1:u0 / d1:d0, at most 2^64 - 1: the quotient limb or one more (u2:u1 <= d1:d0 always holds here). */
@inline
function estimate(u2: u64, u1: u64, u0: u64, d1: u64, d0: u64, inverse: u64): u64 {
  if (u2 == d1 && u1 == d0) return -1;
  const product = inverse * u2;
  const fraction = product + u1;
  const q = mulHigh(inverse, u2) + u2 + u64(fraction < u1);
  const back = d0 * q;
  const t0 = u0 - back;
  const t1 = u1 - q * d1 - mulHigh(d0, q) - u64(u0 < back);
  const rest1 = t1 - d1 - u64(t0 < d0);
  // One too high by the look of it: the remainder is then t1:t0, and the look may deceive.
  if (rest1 >= fraction) return q + u64(t1 > d1 || (t1 == d1 && t0 >= d0));
  return q + 1 + u64(rest1 > d1 || (rest1 == d1 && t0 - d0 >= d0));
}

/** Subtracts q * divisor from the limbs at `at`; returns what the next limb still owes. */
function subtractProduct(at: usize, n: i32, q: u64): u64 {
  let borrow: u64 = 0;
  for (let i = 0; i < n; i++) {
    const d = load<u64>(limb(divisor, i));
    const before = load<u64>(limb(at, i));
    const owed = q * d + borrow;
    borrow = mulHigh(q, d) + u64(owed < borrow) + u64(before < owed);
    store<u64>(limb(at, i), before - owed);
  }
  return borrow;
}

/** Adds the divisor back to the limbs at `at`; returns the carry. */
function addDivisor(at: usize, n: i32): u64 {
  let carry: u64 = 0;
  for (let i = 0; i < n; i++) {
    const d = load<u64>(limb(divisor, i)) + carry;
    const sum = load<u64>(limb(at, i)) + d;
    carry = u64(d < carry) + u64(sum < d);
    store<u64>(limb(at, i), sum);
  }
  return carry;
}

/** Returns floor((2^128 - 1) / d) - 2^64; the highest bit of d is set. */
function reciprocal(d: u64): u64 {
  const high = d >> 32;
  const low = d & 0xffffffff;
  const q1 = digit(~d, 0xffffffff, high, low);
  const q0 = digit(((~d << 32) | 0xffffffff) - q1 * d, 0xffffffff, high, low);
  return (q1 << 32) | q0;
}

/** Returns the 32-bit digit (rest:next) / (high:low), as Knuth has it; rest < high:low. */
@inline
function digit(rest: u64, next: u64, high: u64, low: u64): u64 {
  let q = rest / high;
  let left = rest % high;
  while (q > 0xffffffff || q * low > ((left << 32) | next)) {
    q--;
    left += high;
    if (left > 0xffffffff) break;
  }
  return q;
}

/** Algorithm 6: returns floor((2^192 - 1) / d1:d0) - 2^64; the highest bit of d1 is set. */
function reciprocalOfTwo(d1: u64, d0: u64): u64 {
  let v = reciprocal(d1);
  let p = d1 * v + d0;
  if (p < d0) {
    v--;
    if (p >= d1) {
      v--;
      p -= d1;
    }
    p -= d1;
  }
  const low = d0 * v;
  const sum = p + mulHigh(v, d0);
  if (sum < p) {
    v--;
    if (sum > d1 || (sum == d1 && low >= d0)) v--;
  }
  return v;
}
