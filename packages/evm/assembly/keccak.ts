// Keccak-256 as Ethereum has it: blocks of 136 bytes, padded by 0x01 (the submission to NIST, not FIPS 202's 0x06).
import { permute, state } from "./permute";

const rate: u32 = 136;
/** What is left of a message after its whole blocks, and the padding. */
const rest: usize = memory.data(144, 16);

/** Writes the hash of `length` bytes at `src` to the 32 bytes at `out`; neither needs alignment. */
export function keccak256(src: usize, length: u32, out: usize): void {
  clear(state, 208);
  while (length >= rate) {
    absorb(src);
    src += rate;
    length -= rate;
  }
  clear(rest, 144);
  copyBytes(rest, src, length);
  store<u8>(rest + length, 1);
  store<u8>(rest, load<u8>(rest, 135) | 0x80, 135);
  absorb(rest);
  squeeze(out);
}

function absorb(block: usize): void {
  for (let at: usize = 0; at < 128; at += 16) {
    v128.store(state + at, v128.xor(v128.load(state + at), v128.load(block + at)));
  }
  store<u64>(state, load<u64>(state, 128) ^ load<u64>(block, 128), 128);
  permute();
}

@inline
function squeeze(out: usize): void {
  const high = v128.load(state, 16);
  v128.store(out, v128.load(state));
  v128.store(out, high, 16);
}

/** Sets whole vectors to zero; a loop, as `memory.fill` is a call out of WebAssembly. */
@inline
function clear(from: usize, size: usize): void {
  for (let at: usize = 0; at < size; at += 16) v128.store(from + at, i64x2.splat(0));
}

@inline
function copyBytes(to: usize, from: usize, size: usize): void {
  let at: usize = 0;
  for (; at + 8 <= size; at += 8) store<u64>(to + at, load<u64>(from + at));
  for (; at < size; at++) store<u8>(to + at, load<u8>(from + at));
}

const cacheMask: u32 = 1023;
const entrySize: usize = 96;
/** Entries of a message of 64 bytes and its hash. One that was never written has a hash that begins with zeros. */
const cache: usize = memory.data(98304, 16);

/**
 * Writes the hash of exactly 64 bytes: the key of a mapping and its slot, which contracts ask for again and again. A hash
 * that does begin with eight zero bytes is only never found again.
 */
export function keccak64(src: usize, out: usize): void {
  const entry = cache + usize(indexOf(src)) * entrySize;
  if (load<u64>(entry, 64) == 0 || !isSame(entry, src)) {
    for (let at: usize = 0; at < 64; at += 16) v128.store(entry + at, v128.load(src + at));
    absorb64(src);
    squeeze(entry + 64);
  }
  const high = v128.load(entry, 80);
  v128.store(out, v128.load(entry, 64));
  v128.store(out, high, 16);
}

function absorb64(src: usize): void {
  clear(state + 64, 144);
  for (let at: usize = 0; at < 64; at += 16) v128.store(state + at, v128.load(src + at));
  store<u64>(state, 1, 64);
  store<u64>(state, 0x8000000000000000, 128);
  permute();
}

/** Odd factors, so that neighbouring keys and slots fall apart; the highest bits of a product know all others. */
@inline
function indexOf(src: usize): u32 {
  const key = load<u64>(src) ^ load<u64>(src, 8) ^ load<u64>(src, 16) ^ rotl(load<u64>(src, 24), 7);
  const slot = load<u64>(src, 32) ^ load<u64>(src, 40) ^ load<u64>(src, 48) ^ rotl(load<u64>(src, 56), 7);
  const mixed = (key * 0x9e3779b97f4a7c15) ^ rotl(slot * 0xc2b2ae3d27d4eb4f, 32);
  return u32((mixed * 0x9e3779b97f4a7c15) >> 54) & cacheMask;
}

@inline
function isSame(entry: usize, src: usize): bool {
  const low = v128.or(difference(entry, src), difference(entry + 16, src + 16));
  return !v128.any_true(v128.or(low, v128.or(difference(entry + 32, src + 32), difference(entry + 48, src + 48))));
}

@inline
function difference(a: usize, b: usize): v128 {
  return v128.xor(v128.load(a), v128.load(b));
}

const shortest: u32 = 8;
const longest: u32 = 192;
const shortMask: u32 = 255;
// Hash, length, message.
const shortSize: usize = 48 + longest;
const shorts: usize = memory.data(61440, 16);

/** Writes the hash of `length` bytes. Those of short messages are kept: keys of positions and markets are asked for as often. */
export function keccakKept(src: usize, length: u32, out: usize): void {
  if (length - shortest > longest - shortest) return keccak256(src, length, out);
  const entry = shorts + usize(indexOfShort(src, length)) * shortSize;
  const message = entry + 48;
  if (load<u32>(entry, 32) != length || !isSameShort(message, src, length)) {
    copyBytes(message, src, length);
    store<u32>(entry, length, 32);
    keccak256(src, length, entry);
  }
  const high = v128.load(entry, 16);
  v128.store(out, v128.load(entry));
  v128.store(out, high, 16);
}

/** Of a message of eight bytes or more; the last eight may be among those before. */
@inline
function indexOfShort(src: usize, length: u32): u32 {
  let mixed: u64 = length;
  const last = src + length - 8;
  for (let at = src; at < last; at += 8) mixed = rotl((mixed ^ load<u64>(at)) * 0x9e3779b97f4a7c15, 23);
  return u32(((mixed ^ load<u64>(last)) * 0xc2b2ae3d27d4eb4f) >> 56) & shortMask;
}

@inline
function isSameShort(message: usize, src: usize, length: u32): bool {
  const last = <usize>length - 8;
  let differs: u64 = load<u64>(message + last) ^ load<u64>(src + last);
  for (let at: usize = 0; at < last; at += 8) differs |= load<u64>(message + at) ^ load<u64>(src + at);
  return differs == 0;
}
