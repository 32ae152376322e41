import { funnelLeft, funnelRight } from "./wide";
import { copyWord, isNegative, setLimb, setWord } from "./word";

/** Sets `out` to x << shift; 256 and more give 0. */
export function shlWord(out: usize, shift: usize, x: usize): void {
  shiftLeft(out, x, amountOf(shift));
}

/** Sets `out` to x >> shift, zeros coming in; 256 and more give 0. */
export function shrWord(out: usize, shift: usize, x: usize): void {
  shiftRight(out, x, amountOf(shift), 0);
}

/** Sets `out` to x >> shift, the sign coming in; 256 and more give 0 or -1. */
export function sarWord(out: usize, shift: usize, x: usize): void {
  shiftRight(out, x, amountOf(shift), u64(load<i64>(x, 24) >> 63));
}

@inline
function amountOf(shift: usize): u64 {
  const isBeyond = (load<u64>(shift, 8) | load<u64>(shift, 16) | load<u64>(shift, 24)) != 0;
  return isBeyond ? 256 : load<u64>(shift);
}

export function shiftLeft(out: usize, x: usize, amount: u64): void {
  const x0 = load<u64>(x);
  const x1 = load<u64>(x, 8);
  const x2 = load<u64>(x, 16);
  const bits = amount & 63;
  if (amount < 64) {
    const top = funnelLeft(load<u64>(x, 24), x2, bits);
    setWord(out, x0 << bits, funnelLeft(x1, x0, bits), funnelLeft(x2, x1, bits), top);
  } else if (amount < 128) setWord(out, 0, x0 << bits, funnelLeft(x1, x0, bits), funnelLeft(x2, x1, bits));
  else if (amount < 192) setWord(out, 0, 0, x0 << bits, funnelLeft(x1, x0, bits));
  else setWord(out, 0, 0, 0, amount < 256 ? x0 << bits : 0);
}

/** Sets `out` to x >> amount with `fill` (0 or all ones) coming in from above. */
export function shiftRight(out: usize, x: usize, amount: u64, fill: u64): void {
  const x1 = load<u64>(x, 8);
  const x2 = load<u64>(x, 16);
  const x3 = load<u64>(x, 24);
  const bits = amount & 63;
  const top = funnelRight(fill, x3, bits);
  if (amount < 64) {
    const low = funnelRight(x1, load<u64>(x), bits);
    setWord(out, low, funnelRight(x2, x1, bits), funnelRight(x3, x2, bits), top);
  } else if (amount < 128) setWord(out, funnelRight(x2, x1, bits), funnelRight(x3, x2, bits), top, fill);
  else if (amount < 192) setWord(out, funnelRight(x3, x2, bits), top, fill, fill);
  else setWord(out, amount < 256 ? top : fill, fill, fill, fill);
}

/** Sets `out` to byte `i` of x, 0 being the highest; 32 and more give 0. */
export function byteWord(out: usize, i: usize, x: usize): void {
  const index = amountOf(i);
  setLimb(out, index < 32 ? load<u8>(x + 31 - usize(index)) : 0);
}

/** Sets `out` to x with the sign of its byte `k`, 0 being the lowest, carried through all bytes above. */
export function signextendWord(out: usize, k: usize, x: usize): void {
  const index = amountOf(k);
  if (index > 30) return copyWord(out, x);
  const above = 248 - (index << 3);
  shiftLeft(out, x, above);
  shiftRight(out, out, above, isNegative(out) ? -1 : 0);
}

/** Sets `out` to the number of zero bits above the highest one; 256 for zero (EIP-7939). */
export function clzWord(out: usize, x: usize): void {
  setLimb(out, 256 - u64(bitsOf(x)));
}

/** Returns how many bits the number needs: 0 for zero, at most 256. */
export function bitsOf(x: usize): i32 {
  for (let at = 24; at >= 0; at -= 8) {
    const limb = load<u64>(x + at);
    if (limb != 0) return (at << 3) + 64 - i32(clz(limb));
  }
  return 0;
}

@inline
export function isPowerOfTwo(x: usize): bool {
  return popcnt(load<u64>(x)) + popcnt(load<u64>(x, 8)) + popcnt(load<u64>(x, 16)) + popcnt(load<u64>(x, 24)) == 1;
}
