// Long division by limbs of 64 bits (Knuth, TAOCP 2, 4.3.1 D). WebAssembly divides 64 bits by 64 only, so a quotient
// limb comes from a product with the divisor's reciprocal (Möller and Granlund, Improved division by invariant integers,
// 2011: algorithms 4 and 5).
import { funnelLeft, funnelRight, mulHigh } from "./wide";
import { reciprocalOf } from "./reciprocal";
import { setWord } from "./word";

/** The number to divide, up to eight limbs; afterwards the remainder in four. Two zero limbs stand below. */
export const numerator: usize = memory.data(88, 16) + 16;
/** The divisor, four limbs; it stays. */
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
  const inverse = reciprocalOf(d, 0);
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
  const inverse = reciprocalOf(d1, d0);
  let rest1 = funnelLeft(0, load<u64>(limb(numerator, m - 1)), shift);
  let rest0 = shifted(m - 1, shift);
  for (let i = m - 2; i >= 0; i--) {
    if (rest1 == 0 && rest0 < d1) {
      rest1 = rest0;
      rest0 = shifted(i, shift);
      store<u64>(limb(quotient, i), 0);
      continue;
    }
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

/**
 * A divisor of three or four limbs. Three become four by a zero limb below, which leaves the quotient as it is. The
 * remainder r3:r2:r1:r0 stays in locals, and each step takes in the numerator's next limb.
 */
function divideByMore(m: i32, n: i32, shift: u64): void {
  const below = 4 - n;
  const e3 = load<u64>(limb(divisor, n - 1));
  const e2 = load<u64>(limb(divisor, n - 2));
  const e1 = load<u64>(limb(divisor, n - 3));
  const e0 = below ? 0 : load<u64>(divisor);
  const d3 = funnelLeft(e3, e2, shift);
  const d2 = funnelLeft(e2, e1, shift);
  const d1 = funnelLeft(e1, e0, shift);
  const d0 = e0 << shift;
  const inverse = reciprocalOf(d3, d2);
  let r3 = funnelLeft(0, load<u64>(limb(numerator, m - 1)), shift);
  let r2 = shifted(m - 1, shift);
  let r1 = shifted(m - 2, shift);
  let r0 = shifted(m - 3, shift);
  for (let i = m - n; i >= 0; i--) {
    const next = shifted(i - below, shift);
    let q: u64 = 0;
    if (r3 == 0 && r2 < d3) {
      r3 = r2;
      r2 = r1;
      r1 = r0;
      r0 = next;
    } else {
      // The digit, or one more, from the upper two limbs of the divisor, and what they leave: top:t1:t0.
      let t0: u64;
      let t1: u64;
      let top: u64 = 0;
      if (r3 == d3 && r2 == d2) {
        q = -1;
        t0 = r1 + d2;
        const carry = u64(t0 < d2);
        t1 = d3 + carry;
        top = u64(t1 < carry);
      } else {
        const product = inverse * r3;
        const fraction = product + r2;
        q = mulHigh(inverse, r3) + r3 + u64(fraction < r2);
        const back = d2 * q;
        const left0 = r1 - back;
        t0 = left0 - d2;
        t1 = r2 - q * d3 - mulHigh(d2, q) - u64(r1 < back) - d3 - u64(left0 < d2);
        q++;
        if (t1 >= fraction) {
          q--;
          t0 += d2;
          t1 += d3 + u64(t0 < d2);
        }
        if (t1 > d3 || (t1 == d3 && t0 >= d2)) {
          q++;
          t1 -= d3 + u64(t0 < d2);
          t0 -= d2;
        }
      }
      // What the lower two limbs take.
      const low0 = q * d0;
      const owed0 = mulHigh(q, d0) + u64(next < low0);
      const low1 = q * d1 + owed0;
      const owed1 = mulHigh(q, d1) + u64(low1 < owed0) + u64(r0 < low1);
      r1 = r0 - low1;
      r0 = next - low0;
      r2 = t0 - owed1;
      const borrow = u64(t0 < owed1);
      r3 = t1 - borrow;
      if (u64(t1 < borrow) > top) {
        q--;
        const s0 = r0 + d0;
        const c1 = u64(s0 < d0);
        const s1 = r1 + d1 + c1;
        const c2 = u64(s1 < d1 || (s1 == d1 && c1 != 0));
        const s2 = r2 + d2 + c2;
        const c3 = u64(s2 < d2 || (s2 == d2 && c2 != 0));
        r3 += d3 + c3;
        r2 = s2;
        r1 = s1;
        r0 = s0;
      }
    }
    store<u64>(limb(quotient, i), q);
  }
  setRemainder(r0, r1, r2, r3, shift, below);
}

@inline
function setRemainder(r0: u64, r1: u64, r2: u64, r3: u64, shift: u64, below: i32): void {
  const low = funnelRight(r1, r0, shift);
  const middle = funnelRight(r2, r1, shift);
  const high = funnelRight(r3, r2, shift);
  if (below) setWord(numerator, middle, high, r3 >> shift, 0);
  else setWord(numerator, low, middle, high, r3 >> shift);
}
