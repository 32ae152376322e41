import { afterPush, isDup, isPush, opAt, reachOfDup, SWAP1 } from "./bytecode";
import { Code } from "./Code";
import { Constant, isDestination, readPush } from "./Constant";
import { write, writeWide } from "./Draft";
import { decodeMask, isMask } from "./decodeMask";
import { fuse } from "./fuse";
import { BAD_JUMP, BAD_JUMPI, JUMP_STATIC, JUMPI_STATIC, OP_ADD, OP_AND, OP_EQ, OP_GT, OP_JUMP, OP_JUMPI, OP_MLOAD, OP_MSTORE, OP_SHL, OP_SHR, PUSH_ADD, PUSH_AND, PUSH_DUP, PUSH_EQ, PUSH_GT, PUSH_MLOAD, PUSH_MSTORE, PUSH_PUSH, PUSH_SHL, PUSH_SHR, PUSH_SMALL, PUSH_SWAP1, PUSH_WIDE, PUSH_WIDE_AND } from "./generated/tables";
import { Hooks } from "./Hooks";
import { closeBlock, count, skipDead } from "./OpenBlock";

/** A push, alone or with what it is for; gives where the next begins. */
export function decodePush(code: Code, pc: u32, op: u32): u32 {
  const behindMask = decodeMask(code, pc);
  if (behindMask != 0) return behindMask;
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

/** A push of `Constant.value` before another push: both at once, unless the second has better company. */
function decodePushes(code: Code, op: u32, next: u32, pc: u32): u32 {
  const first = Constant.value;
  const after = afterPush(pc, next);
  const behind = opAt(code, after);
  readPush(code, pc, next);
  const isFree = Constant.isSmall && first <= 0xffffffff && !isMask(code, pc);
  const isPair = isFree && behind != OP_JUMP && behind != OP_JUMPI && withConstant(behind) == 0;
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
  if (op == OP_EQ) return Hooks.isComparing ? 0 : PUSH_EQ;
  if (op == OP_GT) return Hooks.isComparing ? 0 : PUSH_GT;
  if (op == OP_SHL || op == OP_SHR) {
    Constant.value = min<u64>(Constant.value, 256);
    return op == OP_SHL ? PUSH_SHL : PUSH_SHR;
  }
  if (Constant.value >= 0x40000000) return 0;
  if (op == OP_MLOAD) return PUSH_MLOAD;
  return op == OP_MSTORE ? PUSH_MSTORE : 0;
}
