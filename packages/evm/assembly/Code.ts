// Code by its hash: kept once however many accounts have it, decoded when it first runs.
import { allocate, blockSize, Heap, release } from "./Heap";
import { Hooks } from "./Hooks";
import { keccak256 } from "./keccak";
import { hasRoom, Region } from "./Region";
import { Salt } from "./Salt";
import { makeRoomForCode } from "./sweepCodes";
import { begin, cellAfter, cellOf, emptyFor, hasHash, hasPlace, numberIn, put, Table } from "./Table";

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
  /** Two of `Form`, one behind the other. */
  plainInstructions: usize;
  plainBytes: u32;
  plainJumps: usize;
  comparingInstructions: usize;
  comparingBytes: u32;
  comparingJumps: usize;
  /** A byte for each basic block, 1 once it ran in either form, and behind them, at a multiple of 4, the offset of each in the code. */
  coverage: usize;
  blocks: u32;
  /** Something refers to it; known only while codes are swept. */
  isMarked: u32;
  /** The host knows its hash alone: whoever would run it asks the host first. */
  isUnknown: u32;
  /** Of a free entry: the next one. */
  nextFree: u32;
}
const CODE: u32 = 120;

/** A code as it is decoded: for most runs, or for those that record comparisons, which costs the others nothing then. */
@unmanaged
export class Form {
  /** Decoded instructions; 0 until the code first runs in this form. */
  instructions: usize;
  instructionBytes: u32;
  /** For each byte of the code: the place of its JUMPDEST's instruction, or 0. */
  jumps: usize;
}
const FORM: usize = 12;

/** Entry 0 is the empty code. */
const codes: Region = changetype<Region>(memory.data(16, 8));

const byHash: Table = changetype<Table>(memory.data(12, 8));
begin(byHash);

class Codes {
  /** Entries, the empty code and those that are free among them. */
  static count: u32 = 0;
  /** The first free entry, 0 for none; each names the next. */
  static firstFree: u32 = 0;
  /** Bytes of code and of its decoded forms: now, and after they were last swept. */
  static bytes: u64 = 0;
  static bytesKept: u64 = 0;
}

export function codeAt(index: u32): Code {
  return changetype<Code>(codes.start + index * CODE);
}
/** The form in which the run at work takes a code. */
@inline
export function formOf(code: Code): Form {
  return formAt(code, Hooks.isComparing);
}
@inline
function formAt(code: Code, isComparing: bool): Form {
  return changetype<Form>(changetype<usize>(code) + offsetof<Code>("plainInstructions") + (isComparing ? FORM : 0));
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
  if (isCrowded()) makeRoomForCode(0);
  if (!hasPlace(byHash)) return 0;
  const index = takeEntry();
  if (index == 0) return 0;
  memory.copy(changetype<usize>(codeAt(index)), hash, 32);
  if (!fill(index, bytes, length)) {
    freeEntry(index);
    return 0;
  }
  put(byHash, hashOf(hash), index);
  return index;
}

/** An entry of zeros, or 0 if memory is exhausted. */
function takeEntry(): u32 {
  let index = Codes.firstFree;
  if (index != 0) Codes.firstFree = codeAt(index).nextFree;
  else {
    // The first one ever brings the empty code with it.
    if (!hasRoom(codes, CODE * 2)) return 0;
    if (codes.length == 0) memory.fill(codes.start, 0, CODE);
    index = Codes.count++;
    codes.length = Codes.count * CODE;
  }
  memory.fill(changetype<usize>(codeAt(index)), 0, CODE);
  return index;
}

function freeEntry(index: u32): void {
  const code = codeAt(index);
  memory.fill(changetype<usize>(code), 0, CODE);
  code.nextFree = Codes.firstFree;
  Codes.firstFree = index;
}

/** Gives an entry its bytes; false if memory is exhausted. */
function fill(index: u32, bytes: usize, length: u32): bool {
  const copy = allocate(length);
  if (copy == 0) return false;
  memory.copy(copy, bytes, length);
  const code = codeAt(index);
  if (code.bytes != 0) {
    release(code.bytes, code.length);
    Codes.bytes -= blockSize(code.length);
  }
  Codes.bytes += blockSize(length);
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
  return <u32>(((load<u64>(hash) ^ Salt.mask) * Salt.factor) >> 32);
}

function find(hash: usize): u32 {
  const short = hashOf(hash);
  for (let cell = cellOf(byHash, short); numberIn(cell) != 0; cell = cellAfter(byHash, cell)) {
    if (!hasHash(cell, short)) continue;
    if (memory.compare(changetype<usize>(codeAt(numberIn(cell))), hash, 32) == 0) return numberIn(cell);
  }
  return 0;
}

/** Takes the decoded forms of all away, and what is known to have run: coverage begins anew, or the fork has other operations. */
export function forgetDecoded(): void {
  for (let i: u32 = 1; i < Codes.count; i++) forgetDecodedOf(codeAt(i));
}

function forgetDecodedOf(code: Code): void {
  forgetForm(formAt(code, false), code);
  forgetForm(formAt(code, true), code);
  if (code.coverage == 0) return;
  Codes.bytes -= blockSize(coverageBytes(code.blocks));
  release(code.coverage, coverageBytes(code.blocks));
  code.coverage = 0;
  code.blocks = 0;
}

/** Takes the form away that the run at work takes no code in; what ran is still known. */
export function forgetOtherForms(): void {
  for (let i: u32 = 1; i < Codes.count; i++) forgetForm(formAt(codeAt(i), !Hooks.isComparing), codeAt(i));
}

function forgetForm(form: Form, code: Code): void {
  if (form.instructions == 0) return;
  Codes.bytes -= blockSize(form.instructionBytes) + blockSize(code.length * 4);
  release(form.instructions, form.instructionBytes);
  release(form.jumps, code.length * 4);
  form.instructions = 0;
}

/** So many bytes were taken for what was decoded. */
export function countDecoded(bytes: u32): void {
  Codes.bytes += bytes;
}

/** True if codes take a quarter of memory, or twice of what they cannot do without. */
@inline
export function isCrowded(): bool {
  return Codes.bytes > max<u64>(Heap.limit >> 2, Codes.bytesKept * 2);
}

/** True if they take so much that decoded forms have to go. */
export function areCodesLarge(): bool {
  return Codes.bytes > Heap.limit >> 3;
}

/** True if they take nearly so much again that they are crowded. */
export function areCodesMany(): bool {
  return Codes.bytes > (Heap.limit >> 3) + (Heap.limit >> 4);
}

/* SWEEPING: codes are marked first, then those without a mark go */

export function markCode(index: u32): void {
  if (index != 0) codeAt(index).isMarked = 1;
}

/** Takes out every code without a mark. */
export function dropUnmarked(): void {
  let left: u32 = 0;
  for (let i: u32 = 1; i < Codes.count; i++) {
    const code = codeAt(i);
    if (code.length == 0) continue;
    if (code.isMarked != 0) left++;
    else dropCode(i);
  }
  emptyFor(byHash, left);
  for (let i: u32 = 1; i < Codes.count; i++) {
    const code = codeAt(i);
    code.isMarked = 0;
    if (code.length != 0) put(byHash, hashOf(changetype<usize>(code)), i);
  }
}

function dropCode(index: u32): void {
  const code = codeAt(index);
  forgetDecodedOf(code);
  Codes.bytes -= blockSize(code.length);
  release(code.bytes, code.length);
  freeEntry(index);
}

/** Takes the decoded form away of every code without a mark. */
export function forgetDecodedUnmarked(): void {
  for (let i: u32 = 1; i < Codes.count; i++) {
    const code = codeAt(i);
    if (code.isMarked == 0) forgetDecodedOf(code);
    code.isMarked = 0;
  }
}

/** What is there now cannot be done without. */
export function keepCodes(): void {
  Codes.bytesKept = Codes.bytes;
}

/** A byte for each block, and behind them, at a multiple of 4, the offset of each in the code. */
export function coverageBytes(blocks: u32): u32 {
  return ((blocks + 3) & ~3) + blocks * 4;
}
