// Code by its hash: kept once however many accounts have it, decoded when it first runs.
import { allocate, release } from "./Heap";
import { keccak256 } from "./keccak";
import { hasRoom, Region } from "./Region";
import { begin, cellAfter, cellOf, hasHash, hasPlace, numberIn, put, Table } from "./Table";

@unmanaged
export class Code {
  hash0: u64;
  hash1: u64;
  hash2: u64;
  hash3: u64;
  /** EIP-7702: the address that an account delegates to, as a word. */
  delegate0: u64;
  delegate1: u64;
  delegate2: u64;
  delegate3: u64;
  bytes: usize;
  length: u32;
  isDelegation: u32;
  /** Decoded instructions; 0 until it first runs. */
  instructions: usize;
  instructionBytes: u32;
  /** For each byte of the code: the place of its JUMPDEST's instruction, or 0. */
  jumps: usize;
  /** A byte for each basic block, 1 once it ran, and behind them, at a multiple of 4, the offset of each in the code. */
  coverage: usize;
  blocks: u32;
  isUsed: u32;
  /** The host knows its hash alone: whoever would run it asks the host first. */
  isUnknown: u32;
}
const CODE: u32 = 104;

/** Entry 0 is the empty code. */
const codes: Region = changetype<Region>(memory.data(16, 8));

const byHash: Table = changetype<Table>(memory.data(12, 8));
begin(byHash);

class Codes {
  /** Entries, the empty code among them. */
  static count: u32 = 0;
}

export function codeAt(index: u32): Code {
  return changetype<Code>(codes.start + index * CODE);
}
export function delegateAt(index: u32): usize {
  return codes.start + index * CODE + offsetof<Code>("delegate0");
}
export function codeCount(): u32 {
  return Codes.count;
}

/** The index of the code of `length` bytes at `bytes`, which is copied; 0 for none. `hash` receives its keccak256. */
export function putCode(bytes: usize, length: u32, hash: usize): u32 {
  keccak256(bytes, length, hash);
  if (length == 0) return 0;
  if (Codes.count == 0) Codes.count = 1;
  const found = find(hash);
  if (found != 0) {
    if (codeAt(found).isUnknown != 0 && !fill(found, bytes, length)) return 0;
    return found;
  }
  return add(bytes, length, hash);
}

// One INVALID: who asks for the size of code that is not known is told that there is some.
const standIn: usize = memory.data<u8>([0xfe]);

/** The index of code of which the hash at `hash` is all that is known, or 0 if memory is exhausted. */
export function putUnknownCode(hash: usize): u32 {
  if (Codes.count == 0) Codes.count = 1;
  const found = find(hash);
  if (found != 0) return found;
  const index = add(standIn, 1, hash);
  if (index != 0) codeAt(index).isUnknown = 1;
  return index;
}

function add(bytes: usize, length: u32, hash: usize): u32 {
  if (!hasPlace(byHash)) return 0;
  if (codes.length == 0 && !hasRoom(codes, CODE)) return 0;
  if (codes.length == 0) {
    memory.fill(codes.start, 0, CODE);
    codes.length = CODE;
  }
  if (!hasRoom(codes, CODE)) return 0;
  const entry = codes.start + codes.length;
  memory.fill(entry, 0, CODE);
  memory.copy(entry, hash, 32);
  codes.length += CODE;
  if (!fill(Codes.count, bytes, length)) {
    codes.length -= CODE;
    return 0;
  }
  const index = Codes.count++;
  put(byHash, hashOf(hash), index);
  return index;
}

/** Gives an entry its bytes; false if memory is exhausted. */
function fill(index: u32, bytes: usize, length: u32): bool {
  const copy = allocate(length);
  if (copy == 0) return false;
  memory.copy(copy, bytes, length);
  const code = codeAt(index);
  code.bytes = copy;
  code.length = length;
  code.isUnknown = 0;
  if (length == 23 && load<u8>(copy) == 0xef && load<u8>(copy, 1) == 0x01 && load<u8>(copy, 2) == 0) {
    code.isDelegation = 1;
    code.delegate0 = bswap<u64>(load<u64>(copy, 15));
    code.delegate1 = bswap<u64>(load<u64>(copy, 7));
    code.delegate2 = bswap<u32>(load<u32>(copy, 3));
  }
  return true;
}

@inline
function hashOf(hash: usize): u32 {
  return load<u32>(hash) ^ load<u32>(hash, 4);
}

function find(hash: usize): u32 {
  const short = hashOf(hash);
  for (let cell = cellOf(byHash, short); numberIn(cell) != 0; cell = cellAfter(byHash, cell)) {
    if (!hasHash(cell, short)) continue;
    if (memory.compare(changetype<usize>(codeAt(numberIn(cell))), hash, 32) == 0) return numberIn(cell);
  }
  return 0;
}

/** Takes the decoded form away, so that it is decoded anew: other hooks are on. */
export function forgetDecoded(): void {
  for (let i: u32 = 1; i < Codes.count; i++) {
    const code = codeAt(i);
    if (code.instructions == 0) continue;
    release(code.instructions, code.instructionBytes);
    release(code.jumps, code.length * 4);
    release(code.coverage, coverageBytes(code.blocks));
    code.instructions = 0;
    code.blocks = 0;
  }
}

/** A byte for each block, and behind them, at a multiple of 4, the offset of each in the code. */
export function coverageBytes(blocks: u32): u32 {
  return ((blocks + 3) & ~3) + blocks * 4;
}
