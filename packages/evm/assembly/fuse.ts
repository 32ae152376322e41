// Operations that often follow each other become one instruction.
import { afterPush, DUP1, isDup, isPush, isSwap, opAt, reachOfDup, reachOfSwap, SWAP1 } from "./bytecode";
import { Code } from "./Code";
import { Constant, isDestination, readPush } from "./Constant";
import { write } from "./Draft";
import { DUP_ADD, DUP_AND, DUP_DUP, DUP_MLOAD, DUP_MSTORE, DUP_SUB, DUP_SWAP1, JUMPZ_STATIC, OP_ADD, OP_AND, OP_EQ, OP_ISZERO, OP_JUMP, OP_JUMPI, OP_MLOAD, OP_MSTORE, OP_POP, OP_SUB, POPS, POPS_JUMP, SELECT, SWAP1_ADD, SWAP1_JUMP, SWAP1_MSTORE, SWAP1_POP, SWAP1_SUB, SWAP_DUP, SWAP_POP, SWAP_SWAP } from "./generated/tables";
import { Hooks } from "./Hooks";
import { closeBlock, count, decidesJump, skipDead, writeComparison } from "./OpenBlock";

/** Two or more operations in one instruction; gives where the next begins, or 0 if none fits. */
export function decodePair(code: Code, index: u32, pc: u32, op: u32): u32 {
  const next = opAt(code, pc + 1);
  if (op == OP_POP) return decodePops(code, pc);
  if (isSwap(op)) return decodeSwap(code, pc, op, next);
  if (isDup(op) && !isPush(next)) return decodeDup(code, pc, op, next);
  if (!isPush(next)) return 0;
  if (op == OP_ISZERO) {
    const jump = afterPush(pc + 1, next);
    if (opAt(code, jump) != OP_JUMPI) return 0;
    readPush(code, pc + 1, next);
    if (!isDestination(code)) return 0;
    count(op);
    count(next);
    count(OP_JUMPI);
    if (Hooks.isComparing) writeComparison(code, index, pc, op);
    write(JUMPZ_STATIC, <u32>Constant.value, 0);
    closeBlock();
    return jump + 1;
  }
  return op == DUP1 && !Hooks.isComparing ? decodeSelect(code, pc) : 0;
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
  if (next == OP_SUB && !(Hooks.isComparing && decidesJump(code, pc + 1))) return fusePair(SWAP1_SUB, op, next, 0, pc + 2);
  if (next == OP_ADD) return fusePair(SWAP1_ADD, op, next, 0, pc + 2);
  if (next == OP_MSTORE) return fusePair(SWAP1_MSTORE, op, next, 0, pc + 2);
  if (next != OP_JUMP) return 0;
  fusePair(SWAP1_JUMP, op, next, 0, 0);
  closeBlock();
  return skipDead(code, pc + 2);
}

function decodeDup(code: Code, pc: u32, op: u32, next: u32): u32 {
  const reach = reachOfDup(op);
  if (isDup(next)) return fusePair(DUP_DUP, op, next, reach | (reachOfDup(next) << 16), pc + 2);
  if (next == SWAP1) return fusePair(DUP_SWAP1, op, next, reach, pc + 2);
  const instruction =
    next == OP_ADD ? DUP_ADD
    : next == OP_SUB && !(Hooks.isComparing && decidesJump(code, pc + 1)) ? DUP_SUB
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

export function fuse(instruction: u32, first: u32, second: u32, number: u64, next: u32): u32 {
  count(first);
  count(second);
  write(instruction, 0, number);
  return next;
}
