// Bytecode becomes instructions of one size, in basic blocks. A block charges its static gas and checks the bounds of the
// stack once, at its begin; it ends where control may go elsewhere, and where an operation must know the exact gas.
// Instruction, 16 bytes: 0 operation; 4 address or number; 8 number. BLOCK: 2 stack needed, 4 stack it grows by (bytes),
// 8 static gas, 12 address of its coverage byte. It is a BLOCK_FIRST until it first runs.
import { Code, codeAt, countDecoded, coverageBytes, isCrowded } from "./Code";
import {
  BAD_JUMP,
  BAD_JUMPI,
  BLOCK_FIRST,
  COMPARE,
  COMPARE_ZERO,
  EDGE,
  endsBlock,
  gasOf,
  isDefined,
  JUMP_STATIC,
  JUMPI_STATIC,
  JUMPZ_STATIC,
  OP_ADD,
  OP_AND,
  OP_CLZ,
  OP_EQ,
  OP_GT,
  OP_INVALID,
  OP_ISZERO,
  OP_JUMP,
  OP_JUMPI,
  OP_LT,
  OP_MLOAD,
  OP_MSTORE,
  OP_PC,
  OP_POP,
  OP_RETURN,
  OP_REVERT,
  OP_SELFDESTRUCT,
  OP_SGT,
  OP_SHL,
  OP_SHR,
  OP_SLT,
  OP_STOP,
  OP_SUB,
  popsOf,
  POPS,
  POPS_JUMP,
  PUSH_ADD,
  PUSH_AND,
  PUSH_EQ,
  PUSH_MLOAD,
  PUSH_MSTORE,
  PUSH_SHL,
  PUSH_SHR,
  PUSH_SMALL,
  PUSH_WIDE,
  pushesOf,
  SELECT,
  SWAP1_POP,
  PUSH_PUSH, PUSH_DUP, PUSH_SWAP1, PUSH_GT, PUSH_WIDE_AND, DUP_DUP, DUP_ADD, DUP_SUB, DUP_AND, DUP_MSTORE, DUP_MLOAD, DUP_SWAP1, SWAP_POP, SWAP_SWAP, SWAP_DUP, SWAP1_SUB, SWAP1_ADD, SWAP1_MSTORE, SWAP1_JUMP,
} from "./generated/tables";
import { allocate, Heap, release } from "./Heap";
import { Hooks } from "./Hooks";
import { hasRoom, Region, trim } from "./Region";
import { Rules } from "./Rules";
import { makeRoomForCode } from "./sweepCodes";
import { loadBigEndian } from "./word";

const JUMPDEST: u32 = 0x5b;
const PUSH0: u32 = 0x5f;
const DUP1: u32 = 0x80;
const SWAP1: u32 = 0x90;
const INSTRUCTION: u32 = 16;
/** No chain lets so much run; only whoever loads state by hand gives more. */
const MOST_BYTES: u32 = 1 << 23;
// More than a stack holds; what needs it fails whatever it needs.
const MOST_WORDS: u32 = 1025;

const output: Region = changetype<Region>(memory.data(16, 8));
const pool: Region = changetype<Region>(memory.data(16, 8));
const offsets: Region = changetype<Region>(memory.data(16, 8));

/** The block that is being written. */
class Open {
  static is: bool = false;
  /** Nothing leads to what comes next but a jump. */
  static isDead: bool = false;
  static at: u32 = 0;
  static height: i32 = 0;
  static need: i32 = 0;
  static grow: i32 = 0;
  static gas: u32 = 0;
  static count: u32 = 0;
}

/** Where the instruction of a valid jump destination stands, or 0. */
export function jumpTarget(code: Code, offset: u32): usize {
  return offset < code.length ? load<u32>(code.jumps + offset * 4) : 0;
}

/** Decodes the code unless it is already; false if memory is exhausted. */
export function decode(index: u32): bool {
  const code = codeAt(index);
  if (code.instructions != 0) return true;
  if (isCrowded()) makeRoomForCode(index);
  // Four instructions a byte must fit a region.
  if (code.length > MOST_BYTES) Heap.isExhausted = true;
  if (code.length > MOST_BYTES || !reserveFor(code)) return false;
  const jumps = allocate(code.length * 4);
  if (jumps == 0) return false;
  code.jumps = jumps;
  markDestinations(code);
  Open.is = false;
  Open.isDead = false;
  Open.count = 0;
  for (let pc: u32 = 0; pc < code.length; ) pc = decodeAt(code, index, pc);
  if (!Open.is && !Open.isDead) beginBlock(code.length, index);
  write(OP_STOP, 0, 0);
  closeBlock();
  if (keep(code)) return true;
  release(jumps, code.length * 4);
  return false;
}

/** Room for all that may be written of the code; false if memory is exhausted. */
function reserveFor(code: Code): bool {
  output.length = 0;
  pool.length = 0;
  offsets.length = 0;
  // Each byte is one operation at most, with a block and its edge before it and one comparison.
  if (!hasRoom(output, (code.length + 2) * 4 * INSTRUCTION)) return false;
  // A constant that does not fit 64 bits takes ten bytes of code or more, and 32 here.
  return hasRoom(pool, (code.length / 10 + 1) * 32) && hasRoom(offsets, (code.length + 2) * 4);
}

/** Gives back what decoding worked in. */
export function trimDecoder(): void {
  trim(output);
  trim(pool);
  trim(offsets);
}

function markDestinations(code: Code): void {
  memory.fill(code.jumps, 0, code.length * 4);
  for (let pc: u32 = 0; pc < code.length; pc++) {
    const op: u32 = load<u8>(code.bytes + pc);
    if (op == JUMPDEST) store<u32>(code.jumps + pc * 4, 1);
    else if (op > PUSH0 && op < DUP1) pc += op - PUSH0;
  }
}

@inline
function opAt(code: Code, pc: u32): u32 {
  return pc < code.length ? load<u8>(code.bytes + pc) : OP_STOP;
}
@inline
function isPush(op: u32): bool {
  return op >= PUSH0 && op < DUP1;
}
@inline
function afterPush(pc: u32, op: u32): u32 {
  return pc + 1 + op - PUSH0;
}

/** The constant of the push at `pc` if it fits 64 bits, else -1 as a sign that it does not (with `isSmall` false). */
class Constant {
  static isSmall: bool = false;
  static value: u64 = 0;
}
const wide: usize = memory.data(32, 16);
const bytes: usize = memory.data(32, 16);

function readPush(code: Code, pc: u32, op: u32): void {
  const length = op - PUSH0;
  memory.fill(bytes, 0, 32);
  // Behind the end of the code there are zeros.
  const there = min<u32>(length, code.length - pc - 1);
  memory.copy(bytes + 32 - length, code.bytes + pc + 1, there);
  loadBigEndian(wide, bytes);
  Constant.isSmall = (load<u64>(wide, 8) | load<u64>(wide, 16) | load<u64>(wide, 24)) == 0;
  Constant.value = load<u64>(wide);
}

@inline
function isDestination(code: Code): bool {
  return (
    Constant.isSmall && Constant.value < code.length && load<u32>(code.jumps + <u32>Constant.value * 4) != 0
  );
}

function write(op: u32, address: u32, number: u64): void {
  const at = output.start + output.length;
  output.length += INSTRUCTION;
  store<u64>(at, op);
  store<u32>(at, address, 4);
  store<u64>(at, number, 8);
}

function beginBlock(pc: u32, index: u32): void {
  closeBlock();
  if (pc < codeAt(index).length && opAt(codeAt(index), pc) == JUMPDEST) {
    store<u32>(codeAt(index).jumps + pc * 4, output.length + 1);
  }
  Open.is = true;
  Open.isDead = false;
  Open.at = output.length;
  Open.height = 0;
  Open.need = 0;
  Open.grow = 0;
  Open.gas = 0;
  store<u32>(offsets.start + Open.count * 4, pc);
  write(BLOCK_FIRST, 0, 0);
  store<u32>(output.start + Open.at, Open.count, 12);
  Open.count++;
  if (Hooks.edges) write(EDGE, (index << 16) ^ pc, 0);
}

function closeBlock(): void {
  if (!Open.is) return;
  const at = output.start + Open.at;
  store<u16>(at, <u16>(min<u32>(Open.need, MOST_WORDS) * 32), 2);
  store<u16>(at, <u16>(min<u32>(Open.grow, MOST_WORDS) * 32), 4);
  store<u32>(at, Open.gas, 8);
  Open.is = false;
}

/** Counts an operation into the open block. */
function count(op: u32): void {
  const pops = <i32>popsOf(op);
  Open.need = max<i32>(Open.need, pops - Open.height);
  Open.height += <i32>pushesOf(op) - pops;
  Open.grow = max<i32>(Open.grow, Open.height);
  Open.gas += gasOf(op);
}

/** Decodes what begins at `pc`, and gives where the next begins. */
function decodeAt(code: Code, index: u32, pc: u32): u32 {
  const op = opAt(code, pc);
  if (op == JUMPDEST) {
    beginBlock(pc, index);
    count(op);
    return pc + 1;
  }
  if (!Open.is) {
    // Nothing leads to what stands behind an end, but a jump to a destination.
    beginBlock(pc, index);
  }
  if (isPush(op)) return decodePush(code, pc, op);
  const next = decodePair(code, index, pc, op);
  if (next != 0) return next;
  if (isDefined(op) == 0 || (op == OP_CLZ && !Rules.hasLeadingZeros)) {
    write(OP_INVALID, op, 0);
    closeBlock();
    return skipDead(code, pc + 1);
  }
  count(op);
  if (Hooks.comparisons) writeComparison(index, pc, op);
  write(op, 0, op == OP_PC ? pc : 0);
  if (endsBlock(op) == 0) return pc + 1;
  closeBlock();
  return isLast(op) ? skipDead(code, pc + 1) : pc + 1;
}

@inline
function isLast(op: u32): bool {
  return (
    op == OP_STOP ||
    op == OP_JUMP ||
    op == OP_RETURN ||
    op == OP_REVERT ||
    op == OP_INVALID ||
    op == OP_SELFDESTRUCT
  );
}

function skipDead(code: Code, from: u32): u32 {
  Open.isDead = true;
  let pc = from;
  while (pc < code.length) {
    const op = opAt(code, pc);
    if (op == JUMPDEST) return pc;
    pc = op > PUSH0 && op < DUP1 ? afterPush(pc, op) : pc + 1;
  }
  return pc;
}

function writeComparison(index: u32, pc: u32, op: u32): void {
  const what = ((<u64>op) << 32) | index;
  if (op >= OP_LT && op <= OP_EQ) write(COMPARE, pc, what);
  else if (op == OP_SUB || op == OP_AND) return;
  else if (op == OP_ISZERO) write(COMPARE_ZERO, pc, what);
}

/** Two or more operations in one instruction; gives where the next begins, or 0 if none fits. */
function decodePair(code: Code, index: u32, pc: u32, op: u32): u32 {
  const next = opAt(code, pc + 1);
  if (op == OP_POP) return decodePops(code, pc);
  if (isSwap(op)) return decodeSwap(code, pc, op, next);
  if (isDup(op) && !isPush(next)) return decodeDup(pc, op, next);
  if (!isPush(next)) return 0;
  if (op == OP_ISZERO) {
    const jump = afterPush(pc + 1, next);
    if (opAt(code, jump) != OP_JUMPI) return 0;
    readPush(code, pc + 1, next);
    if (!isDestination(code)) return 0;
    count(op);
    count(next);
    count(OP_JUMPI);
    if (Hooks.comparisons) writeComparison(index, pc, op);
    write(JUMPZ_STATIC, <u32>Constant.value, 0);
    closeBlock();
    return jump + 1;
  }
  return op == DUP1 && !Hooks.comparisons ? decodeSelect(code, pc) : 0;
}

@inline
function isDup(op: u32): bool {
  return op >= DUP1 && op < SWAP1;
}
@inline
function isSwap(op: u32): bool {
  return op >= SWAP1 && op < SWAP1 + 16;
}
/** How far below the topmost word stands what a DUP copies, in bytes. */
@inline
function reachOfDup(op: u32): u32 {
  return (op - DUP1) * 32;
}
@inline
function reachOfSwap(op: u32): u32 {
  return (op - SWAP1 + 1) * 32;
}

function decodePops(code: Code, pc: u32): u32 {
  let end = pc;
  // A stack holds no more, and what the block needs is counted in words of that.
  while (opAt(code, end) == OP_POP && end - pc < 1024) {
    count(OP_POP);
    end++;
  }
  if (opAt(code, end) != OP_JUMP) {
    write(POPS, (end - pc) * 32, 0);
    return end;
  }
  count(OP_JUMP);
  write(POPS_JUMP, (end - pc) * 32, 0);
  closeBlock();
  return skipDead(code, end + 1);
}

function decodeSwap(code: Code, pc: u32, op: u32, next: u32): u32 {
  const reach = reachOfSwap(op);
  if (next == OP_POP) return fusePair(op == SWAP1 ? SWAP1_POP : SWAP_POP, op, next, reach, pc + 2);
  if (isSwap(next)) return fusePair(SWAP_SWAP, op, next, reach | (reachOfSwap(next) << 16), pc + 2);
  if (isDup(next)) return fusePair(SWAP_DUP, op, next, reach | (reachOfDup(next) << 16), pc + 2);
  if (op != SWAP1) return 0;
  if (next == OP_SUB) return fusePair(SWAP1_SUB, op, next, 0, pc + 2);
  if (next == OP_ADD) return fusePair(SWAP1_ADD, op, next, 0, pc + 2);
  if (next == OP_MSTORE) return fusePair(SWAP1_MSTORE, op, next, 0, pc + 2);
  if (next != OP_JUMP) return 0;
  fusePair(SWAP1_JUMP, op, next, 0, 0);
  closeBlock();
  return skipDead(code, pc + 2);
}

function decodeDup(pc: u32, op: u32, next: u32): u32 {
  const reach = reachOfDup(op);
  if (isDup(next)) return fusePair(DUP_DUP, op, next, reach | (reachOfDup(next) << 16), pc + 2);
  if (next == SWAP1) return fusePair(DUP_SWAP1, op, next, reach, pc + 2);
  const instruction =
    next == OP_ADD ? DUP_ADD
    : next == OP_SUB ? DUP_SUB
    : next == OP_AND ? DUP_AND
    : next == OP_MSTORE ? DUP_MSTORE
    : next == OP_MLOAD ? DUP_MLOAD
    : 0;
  return instruction == 0 ? 0 : fusePair(instruction, op, next, reach, pc + 2);
}

/** Writes one instruction for two operations; `reach` says where on the stack it works. */
function fusePair(instruction: u32, first: u32, second: u32, reach: u32, next: u32): u32 {
  count(first);
  count(second);
  write(instruction, reach, 0);
  return next;
}

function decodeSelect(code: Code, pc: u32): u32 {
  const push = opAt(code, pc + 1);
  const compare = afterPush(pc + 1, push);
  if (opAt(code, compare) != OP_EQ) return 0;
  const destination = opAt(code, compare + 1);
  if (!isPush(destination)) return 0;
  const jump = afterPush(compare + 1, destination);
  if (opAt(code, jump) != OP_JUMPI) return 0;
  readPush(code, compare + 1, destination);
  if (!isDestination(code)) return 0;
  const target = <u32>Constant.value;
  readPush(code, pc + 1, push);
  if (!Constant.isSmall) return 0;
  count(DUP1);
  count(push);
  count(OP_EQ);
  count(destination);
  count(OP_JUMPI);
  write(SELECT, target, Constant.value);
  closeBlock();
  return jump + 1;
}

function fuse(instruction: u32, first: u32, second: u32, number: u64, next: u32): u32 {
  count(first);
  count(second);
  write(instruction, 0, number);
  return next;
}

function decodePush(code: Code, pc: u32, op: u32): u32 {
  readPush(code, pc, op);
  const after = afterPush(pc, op);
  const next = opAt(code, after);
  if (next == OP_JUMP || next == OP_JUMPI) {
    count(op);
    count(next);
    const isGood = isDestination(code);
    if (next == OP_JUMP) write(isGood ? JUMP_STATIC : BAD_JUMP, <u32>Constant.value, 0);
    else write(isGood ? JUMPI_STATIC : BAD_JUMPI, <u32>Constant.value, 0);
    closeBlock();
    return next == OP_JUMP ? skipDead(code, after + 1) : after + 1;
  }
  if (Constant.isSmall) {
    const instruction = withConstant(next);
    if (instruction != 0) return fuse(instruction, op, next, Constant.value, after + 1);
    if (isDup(next)) {
      count(op);
      count(next);
      write(PUSH_DUP, reachOfDup(next), Constant.value);
      return after + 1;
    }
    if (next == SWAP1) return fuse(PUSH_SWAP1, op, next, Constant.value, after + 1);
    if (isPush(next)) return decodePushes(code, op, next, after);
  }
  if (!Constant.isSmall && next == OP_AND) {
    writeWide(PUSH_WIDE_AND);
    count(op);
    count(next);
    return after + 1;
  }
  count(op);
  if (Constant.isSmall) write(PUSH_SMALL, 0, Constant.value);
  else writeWide(PUSH_WIDE);
  return after;
}

function writeWide(instruction: u32): void {
  memory.copy(pool.start + pool.length, wide, 32);
  // Its address is known once the pool has its place.
  write(instruction, pool.length, 0);
  pool.length += 32;
}

/** A push of `Constant.value` before another push: both at once, unless the second has better company behind it. */
function decodePushes(code: Code, op: u32, next: u32, pc: u32): u32 {
  const first = Constant.value;
  const after = afterPush(pc, next);
  const behind = opAt(code, after);
  readPush(code, pc, next);
  const isPair = Constant.isSmall && first <= 0xffffffff && behind != OP_JUMP && behind != OP_JUMPI && withConstant(behind) == 0;
  // What stands behind may have changed it.
  readPush(code, pc, next);
  count(op);
  if (!isPair) {
    write(PUSH_SMALL, 0, first);
    return pc;
  }
  count(next);
  write(PUSH_PUSH, <u32>first, Constant.value);
  return after;
}

/** The instruction that stands for a push of `Constant.value` and `op`, or 0. */
function withConstant(op: u32): u32 {
  if (op == OP_ADD) return PUSH_ADD;
  if (op == OP_AND) return PUSH_AND;
  if (op == OP_EQ) return Hooks.comparisons ? 0 : PUSH_EQ;
  if (op == OP_GT) return Hooks.comparisons ? 0 : PUSH_GT;
  if (op == OP_SHL || op == OP_SHR) {
    Constant.value = min<u64>(Constant.value, 256);
    return op == OP_SHL ? PUSH_SHL : PUSH_SHR;
  }
  if (Constant.value >= 0x40000000) return 0;
  if (op == OP_MLOAD) return PUSH_MLOAD;
  return op == OP_MSTORE ? PUSH_MSTORE : 0;
}

/** Gives what was decoded its place, and every address in it. */
function keep(code: Code): bool {
  const size = output.length + pool.length;
  const instructions = allocate(size);
  const coverage = instructions == 0 ? 0 : allocate(coverageBytes(Open.count));
  if (coverage == 0) {
    release(instructions, size);
    return false;
  }
  memory.copy(instructions, output.start, output.length);
  memory.copy(instructions + output.length, pool.start, pool.length);
  memory.fill(coverage, 0, coverageBytes(Open.count));
  memory.copy(coverage + ((Open.count + 3) & ~3), offsets.start, Open.count * 4);
  for (let pc: u32 = 0; pc < code.length; pc++) {
    const place = code.jumps + pc * 4;
    if (load<u32>(place) != 0) store<u32>(place, <u32>instructions + load<u32>(place) - 1);
  }
  for (let at = instructions; at < instructions + output.length; at += INSTRUCTION) {
    const op: u32 = load<u8>(at);
    if (op == JUMP_STATIC || op == JUMPI_STATIC || op == JUMPZ_STATIC || op == SELECT) {
      store<u32>(at, <u32>jumpTarget(code, load<u32>(at, 4)), 4);
    } else if (op == PUSH_WIDE || op == PUSH_WIDE_AND) {
      store<u32>(at, <u32>instructions + output.length + load<u32>(at, 4), 4);
    } else if (op == BLOCK_FIRST) {
      store<u32>(at, <u32>coverage + load<u32>(at, 12), 12);
    }
  }
  code.instructionBytes = size;
  code.coverage = coverage;
  code.blocks = Open.count;
  code.instructions = instructions;
  countDecoded(code);
  return true;
}
