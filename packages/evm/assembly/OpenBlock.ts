import { afterPush, DUP1, isPush, JUMPDEST, opAt, SWAP1 } from "./bytecode";
import { Code, codeAt, formOf } from "./Code";
import { offsets, output, write } from "./Draft";
import {
  BLOCK_FIRST,
  COMPARE,
  COMPARE_ZERO,
  gasOf,
  OP_EQ,
  OP_ISZERO,
  OP_JUMPI,
  OP_LT,
  OP_POP,
  OP_SUB,
  OP_XOR,
  popsOf,
  pushesOf,
} from "./generated/tables";
import { STACK_BYTES } from "./Frame";

// More than a stack holds; what needs it fails whatever it needs.
const MOST_WORDS: u32 = 1025;

/** The block that is being written. */
export class Open {
  static is: bool = false;
  /** Nothing leads to what comes next but a jump. */
  static isDead: bool = false;
  static at: u32 = 0;
  static height: i32 = 0;
  static need: i32 = 0;
  static grow: i32 = 0;
  static gas: u32 = 0;
  static count: u32 = 0;
  /** Behind the last comparison: what negates its outcome compares nothing. */
  static compared: u32 = 0;
}

/** Nothing is written yet. */
export function beginBlocks(): void {
  Open.is = false;
  Open.isDead = false;
  Open.count = 0;
  Open.compared = 0;
}

export function beginBlock(pc: u32, index: u32): void {
  closeBlock();
  if (pc < codeAt(index).length && opAt(codeAt(index), pc) == JUMPDEST) {
    store<u32>(formOf(codeAt(index)).jumps + pc * 4, output.length + 1);
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
}

export function closeBlock(): void {
  if (!Open.is) return;
  const at = output.start + Open.at;
  const need = min<u32>(Open.need, MOST_WORDS) * 32;
  const grow = min<u32>(Open.grow, MOST_WORDS) * 32;
  store<u16>(at, <u16>need, 2);
  // As many heights as leave room for what it grows by; none where what it needs leaves none.
  const taken = need + grow;
  store<u16>(at, taken > STACK_BYTES ? 0 : <u16>(STACK_BYTES + 1 - taken), 6);
  store<u32>(at, Open.gas, 8);
  Open.is = false;
}

/** Counts an operation into the open block. */
export function count(op: u32): void {
  const pops = <i32>popsOf(op);
  Open.need = max<i32>(Open.need, pops - Open.height);
  Open.height += <i32>pushesOf(op) - pops;
  Open.grow = max<i32>(Open.grow, Open.height);
  Open.gas += gasOf(op);
}

export function skipDead(code: Code, from: u32): u32 {
  Open.isDead = true;
  let pc = from;
  while (pc < code.length) {
    const op = opAt(code, pc);
    if (op == JUMPDEST) return pc;
    pc = isPush(op) ? afterPush(pc, op) : pc + 1;
  }
  return pc;
}

/** Writes what records the operands of a comparison. */
export function writeComparison(code: Code, index: u32, pc: u32, op: u32): void {
  const what = ((<u64>op) << 32) | index;
  if (op >= OP_LT && op <= OP_EQ) write(COMPARE, pc, what);
  else if (decidesJump(code, pc)) write(COMPARE, pc, ((<u64>OP_EQ) << 32) | index);
  else if (op != OP_ISZERO) return;
  else if (!isNegation(code, pc)) write(COMPARE_ZERO, pc, what);
  Open.compared = pc + 1;
}

/** Whether the operation asks by a difference whether two words are equal, as optimizers write `if (a != b)`. */
export function decidesJump(code: Code, pc: u32): bool {
  const op = opAt(code, pc);
  if (op != OP_SUB && op != OP_XOR) return false;
  let at = pc + 1;
  // It drops what it no longer needs before it jumps.
  while (opAt(code, at) == SWAP1 && opAt(code, at + 1) == OP_POP) at += 2;
  const next = opAt(code, at);
  return isPush(next) && opAt(code, afterPush(at, next)) == OP_JUMPI;
}

/** Whether an ISZERO takes what the comparison before it gave, or a copy of that. */
function isNegation(code: Code, pc: u32): bool {
  if (Open.compared == 0) return false;
  return pc == Open.compared || (pc == Open.compared + 1 && opAt(code, pc - 1) == DUP1);
}
