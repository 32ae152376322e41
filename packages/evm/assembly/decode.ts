// Bytecode becomes instructions of one size, in basic blocks. A block charges its static gas and checks the bounds of the
// stack once, at its begin; it ends where control may go elsewhere, and where an operation must know the exact gas.
// Instruction, 16 bytes: 0 operation; 4 address or number; 8 number. BLOCK: 2 stack needed (bytes), 4 at how many heights of
// the stack (bytes) from there on it may begin, 8 static gas, 12 number for the map of edges. Until it first runs it is a
// BLOCK_FIRST, which may begin at none: 4 is 0, 6 what it will be, 12 address of its coverage byte.
import { isDup, isLast, isPush, isSwap, JUMPDEST, markDestinations, opAt, reachOfDup, reachOfSwap } from "./bytecode";
import { Code, codeAt, formOf, isCrowded } from "./Code";
import { decodePush } from "./decodePush";
import { reserveFor, write } from "./Draft";
import { decodePair } from "./fuse";
import { DUP, endsBlock, isDefined, OP_CLZ, OP_INVALID, OP_PC, OP_STOP, SWAP } from "./generated/tables";
import { allocate, Heap, release } from "./Heap";
import { Hooks } from "./Hooks";
import { keepDecoded } from "./keepDecoded";
import { beginBlock, beginBlocks, closeBlock, count, Open, skipDead, writeComparison } from "./OpenBlock";
import { Rules } from "./Rules";
import { makeRoomForCode } from "./sweepCodes";

/** No chain lets so much run; only whoever loads state by hand gives more. */
const MOST_BYTES: u32 = 1 << 23;

/** The first instruction of a code, which is decoded unless it is already; 0 if memory is exhausted. */
export function decode(index: u32): usize {
  const instructions = formOf(codeAt(index)).instructions;
  return instructions != 0 || !decodeNow(index) ? instructions : formOf(codeAt(index)).instructions;
}

/** Decodes the code; once more if that needs memory which other codes can give back. */
function decodeNow(index: u32): bool {
  const wasExhausted = Heap.isExhausted;
  if (isCrowded()) makeRoomForCode(index);
  if (decodeOnce(index)) return true;
  if (wasExhausted || codeAt(index).length > MOST_BYTES) return false;
  Heap.isExhausted = false;
  makeRoomForCode(index);
  return decodeOnce(index);
}

function decodeOnce(index: u32): bool {
  const code = codeAt(index);
  // Three instructions a byte must fit a region.
  if (code.length > MOST_BYTES) Heap.isExhausted = true;
  if (code.length > MOST_BYTES || !reserveFor(code)) return false;
  const jumps = allocate(code.length * 4);
  if (jumps == 0) return false;
  formOf(code).jumps = jumps;
  markDestinations(code);
  beginBlocks();
  for (let pc: u32 = 0; pc < code.length; ) pc = decodeAt(code, index, pc);
  if (!Open.is && !Open.isDead) beginBlock(code.length, index);
  write(OP_STOP, 0, 0);
  closeBlock();
  if (keepDecoded(index)) return true;
  release(jumps, code.length * 4);
  return false;
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
  if (Hooks.isComparing) writeComparison(code, index, pc, op);
  if (isDup(op)) write(DUP, reachOfDup(op), 0);
  else if (isSwap(op)) write(SWAP, reachOfSwap(op), 0);
  else write(op, 0, op == OP_PC ? pc : 0);
  if (endsBlock(op) == 0) return pc + 1;
  closeBlock();
  return isLast(op) ? skipDead(code, pc + 1) : pc + 1;
}
