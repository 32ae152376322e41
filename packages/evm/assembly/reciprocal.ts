import { mulHigh } from "./wide";

/** 64 entries of divisor (two limbs), reciprocal and nothing. One never written holds 0, which no shifted divisor is. */
const cache: usize = memory.data(2048, 16);

/**
 * Returns floor((2^192 - 1) / d1:d0) - 2^64; the highest bit of d1 is set. With d0 = 0 it is that of d1 alone,
 * floor((2^128 - 1) / d1) - 2^64. Contracts divide by few numbers (1e18, a fee's base, a modulus), so they are kept.
 */
@inline
export function reciprocalOf(d1: u64, d0: u64): u64 {
  const entry = cache + (usize(((d1 ^ rotl(d0, 32)) * 0x9e3779b97f4a7c15) >> 58) << 5);
  if (load<u64>(entry) != d1 || load<u64>(entry, 8) != d0) fill(entry, d1, d0);
  return load<u64>(entry, 16);
}

function fill(entry: usize, d1: u64, d0: u64): void {
  store<u64>(entry, d1);
  store<u64>(entry, d0, 8);
  store<u64>(entry, reciprocalOfTwo(d1, d0), 16);
}

/** Möller and Granlund's algorithm 6. */
function reciprocalOfTwo(d1: u64, d0: u64): u64 {
  let v = reciprocalOfOne(d1);
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

/** Returns (2^128 - 1 - d * 2^64) / d in two digits of 32 bits. */
function reciprocalOfOne(d: u64): u64 {
  const q1 = digit(~d, d >> 32, d & 0xffffffff);
  return (q1 << 32) | digit(((~d << 32) | 0xffffffff) - q1 * d, d >> 32, d & 0xffffffff);
}

/** Returns the digit floor((rest * 2^32 + 2^32 - 1) / (high * 2^32 + low)), as Knuth has it; rest < high * 2^32 + low. */
@inline
function digit(rest: u64, high: u64, low: u64): u64 {
  let q = rest / high;
  let left = rest - q * high;
  while (q > 0xffffffff || q * low > ((left << 32) | 0xffffffff)) {
    q--;
    left += high;
    if (left > 0xffffffff) break;
  }
  return q;
}
