// What is short enough to stand in the interpreter itself; arithmetic is in word.ts and its neighbours.

@inline
export function zeroWord(to: usize): void {
  v128.store(to, v128.splat<i64>(0));
  v128.store(to, v128.splat<i64>(0), 16);
}
/** Sets `bytes`, a multiple of 32, to zero; a loop, as `memory.fill` is a call out of WebAssembly. */
@inline
export function zeroWords(from: usize, bytes: u32): void {
  const end = from + bytes;
  for (let at = from; at < end; at += 32) zeroWord(at);
}
@inline
export function swapWords(a: usize, b: usize): void {
  const low = v128.load(a);
  const high = v128.load(a, 16);
  v128.store(a, v128.load(b));
  v128.store(a, v128.load(b, 16), 16);
  v128.store(b, low);
  v128.store(b, high, 16);
}
/** True if the word does not fit 32 bits: no memory is that long. */
@inline
export function isWide(word: usize): bool {
  return ((load<u64>(word) >> 32) | load<u64>(word, 8) | load<u64>(word, 16) | load<u64>(word, 24)) != 0;
}
@inline
export function fitsLong(word: usize): bool {
  return (load<u64>(word, 8) | load<u64>(word, 16) | load<u64>(word, 24)) == 0;
}
/** The word as a number, or 2^64 - 1 if it is greater. */
@inline
export function saturated(word: usize): u64 {
  return fitsLong(word) ? load<u64>(word) : <u64>-1;
}
@inline
export function addSmall(word: usize, value: u64): void {
  const low = load<u64>(word) + value;
  store<u64>(word, low);
  if (low >= value) return;
  const next = load<u64>(word, 8) + 1;
  store<u64>(word, next, 8);
  if (next != 0) return;
  const third = load<u64>(word, 16) + 1;
  store<u64>(word, third, 16);
  if (third == 0) store<u64>(word, load<u64>(word, 24) + 1, 24);
}
@inline
export function andWord(out: usize, a: usize, b: usize): void {
  v128.store(out, v128.and(v128.load(a), v128.load(b)));
  v128.store(out, v128.and(v128.load(a, 16), v128.load(b, 16)), 16);
}
@inline
export function orWord(out: usize, a: usize, b: usize): void {
  v128.store(out, v128.or(v128.load(a), v128.load(b)));
  v128.store(out, v128.or(v128.load(a, 16), v128.load(b, 16)), 16);
}
@inline
export function xorWord(out: usize, a: usize, b: usize): void {
  v128.store(out, v128.xor(v128.load(a), v128.load(b)));
  v128.store(out, v128.xor(v128.load(a, 16), v128.load(b, 16)), 16);
}
@inline
export function notWord(out: usize, a: usize): void {
  v128.store(out, v128.not(v128.load(a)));
  v128.store(out, v128.not(v128.load(a, 16)), 16);
}
/** True if a >= b. */
export function isAtLeast(a: usize, b: usize): bool {
  for (let i: usize = 32; i > 0; i -= 8) {
    const x = load<u64>(a + i - 8);
    const y = load<u64>(b + i - 8);
    if (x != y) return x > y;
  }
  return true;
}
