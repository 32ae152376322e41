// A word is 256 bits: four u64 limbs at a pointer aligned to 8, the lowest first. `out` may be one of the operands in
// every function of the arithmetic: all limbs are read before the first is written.

// Two stores of 128 bits and not four of 64: a word is mostly copied next, by loads of 128 bits, and a processor forwards a
// store to a load behind it only if one store holds all that is loaded. Else it waits, a dozen cycles each time.
@inline
export function setWord(out: usize, limb0: u64, limb1: u64, limb2: u64, limb3: u64): void {
  v128.store(out, i64x2.replace_lane(i64x2.splat(limb0), 1, limb1));
  v128.store(out, i64x2.replace_lane(i64x2.splat(limb2), 1, limb3), 16);
}

@inline
export function copyWord(out: usize, x: usize): void {
  const high = v128.load(x, 16);
  v128.store(out, v128.load(x));
  v128.store(out, high, 16);
}

/** Sets the word to a number of one limb. */
@inline
export function setLimb(out: usize, limb: u64): void {
  v128.store(out, i64x2.replace_lane(i64x2.splat(0), 0, limb));
  v128.store(out, i64x2.splat(0), 16);
}

@inline
export function addWord(out: usize, a: usize, b: usize): void {
  const a0 = load<u64>(a);
  const a1 = load<u64>(a, 8);
  const a2 = load<u64>(a, 16);
  const s0 = a0 + load<u64>(b);
  const t1 = a1 + load<u64>(b, 8);
  const t2 = a2 + load<u64>(b, 16);
  const s1 = t1 + u64(s0 < a0);
  const s2 = t2 + (u64(t1 < a1) | u64(s1 < t1));
  const s3 = load<u64>(a, 24) + load<u64>(b, 24) + (u64(t2 < a2) | u64(s2 < t2));
  setWord(out, s0, s1, s2, s3);
}

@inline
export function subWord(out: usize, a: usize, b: usize): void {
  const a0 = load<u64>(a);
  const a1 = load<u64>(a, 8);
  const a2 = load<u64>(a, 16);
  const b0 = load<u64>(b);
  const b1 = load<u64>(b, 8);
  const b2 = load<u64>(b, 16);
  const t1 = a1 - b1;
  const t2 = a2 - b2;
  const borrow1 = u64(a0 < b0);
  const borrow2 = u64(a1 < b1) | u64(t1 < borrow1);
  const borrow3 = u64(a2 < b2) | u64(t2 < borrow2);
  setWord(out, a0 - b0, t1 - borrow1, t2 - borrow2, load<u64>(a, 24) - load<u64>(b, 24) - borrow3);
}

/** Sets `out` to -x modulo 2^256. */
export function negateWord(out: usize, x: usize): void {
  const x0 = ~load<u64>(x) + 1;
  const c1 = u64(x0 == 0);
  const x1 = ~load<u64>(x, 8) + c1;
  const c2 = c1 & u64(x1 == 0);
  const x2 = ~load<u64>(x, 16) + c2;
  const c3 = c2 & u64(x2 == 0);
  setWord(out, x0, x1, x2, ~load<u64>(x, 24) + c3);
}

@inline
export function isZeroWord(x: usize): bool {
  return !v128.any_true(v128.or(v128.load(x), v128.load(x, 16)));
}

@inline
export function eqWord(a: usize, b: usize): bool {
  const low = v128.xor(v128.load(a), v128.load(b));
  return !v128.any_true(v128.or(low, v128.xor(v128.load(a, 16), v128.load(b, 16))));
}

@inline
export function ltWord(a: usize, b: usize): bool {
  const a3 = load<u64>(a, 24);
  const b3 = load<u64>(b, 24);
  return a3 == b3 ? ltBelow(a, b) : a3 < b3;
}

@inline
export function sltWord(a: usize, b: usize): bool {
  const a3 = load<i64>(a, 24);
  const b3 = load<i64>(b, 24);
  return a3 == b3 ? ltBelow(a, b) : a3 < b3;
}

function ltBelow(a: usize, b: usize): bool {
  const a2 = load<u64>(a, 16);
  const b2 = load<u64>(b, 16);
  if (a2 != b2) return a2 < b2;
  const a1 = load<u64>(a, 8);
  const b1 = load<u64>(b, 8);
  return a1 == b1 ? load<u64>(a) < load<u64>(b) : a1 < b1;
}

@inline
export function isNegative(x: usize): bool {
  return load<i64>(x, 24) < 0;
}

/** Returns how many limbs the number needs: 0 for zero, at most 4. */
@inline
export function limbsOf(x: usize): i32 {
  if (load<u64>(x, 24) != 0) return 4;
  if (load<u64>(x, 16) != 0) return 3;
  return load<u64>(x, 8) != 0 ? 2 : i32(load<u64>(x) != 0);
}

/** Sets `out` to the 32 bytes at `src`, the highest first. */
@inline
export function loadBigEndian(out: usize, src: usize): void {
  const high = reversed(v128.load(src));
  v128.store(out, reversed(v128.load(src, 16)));
  v128.store(out, high, 16);
}

/** Writes the word as 32 bytes, the highest first; `dst` needs no alignment. */
@inline
export function storeBigEndian(dst: usize, word: usize): void {
  const high = reversed(v128.load(word, 16));
  v128.store(dst, reversed(v128.load(word)), 16);
  v128.store(dst, high);
}

@inline
function reversed(x: v128): v128 {
  return v128.shuffle<u8>(x, x, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
}

/** Bits above the highest one that is set; 256 for zero (EIP-7939). */
export function leadingZeros(x: usize): u64 {
  for (let i: i32 = 3; i >= 0; i--) {
    const limb = load<u64>(x + i * 8);
    if (limb != 0) return <u64>(3 - i) * 64 + clz<u64>(limb);
  }
  return 256;
}
