// Bytecode as it is written: what stands where, and how far it reaches.
import { Code, formOf } from "./Code";
import { OP_INVALID, OP_JUMP, OP_RETURN, OP_REVERT, OP_SELFDESTRUCT, OP_STOP } from "./generated/tables";

export const JUMPDEST: u32 = 0x5b;
const PUSH0: u32 = 0x5f;
export const DUP1: u32 = 0x80;
export const SWAP1: u32 = 0x90;

/** Marks for each byte whether a jump may lead there. */
export function markDestinations(code: Code): void {
  const jumps = formOf(code).jumps;
  memory.fill(jumps, 0, code.length * 4);
  for (let pc: u32 = 0; pc < code.length; pc++) {
    const op: u32 = load<u8>(code.bytes + pc);
    if (op == JUMPDEST) store<u32>(jumps + pc * 4, 1);
    else if (op > PUSH0 && op < DUP1) pc += op - PUSH0;
  }
}

@inline
export function opAt(code: Code, pc: u32): u32 {
  return pc < code.length ? load<u8>(code.bytes + pc) : OP_STOP;
}
@inline
export function isPush(op: u32): bool {
  return op >= PUSH0 && op < DUP1;
}
/** Bytes of the constant of a push. */
@inline
export function pushLength(op: u32): u32 {
  return op - PUSH0;
}
@inline
export function afterPush(pc: u32, op: u32): u32 {
  return pc + 1 + pushLength(op);
}

/** True for what nothing comes after but a destination. */
@inline
export function isLast(op: u32): bool {
  return (
    op == OP_STOP ||
    op == OP_JUMP ||
    op == OP_RETURN ||
    op == OP_REVERT ||
    op == OP_INVALID ||
    op == OP_SELFDESTRUCT
  );
}

@inline
export function isDup(op: u32): bool {
  return op >= DUP1 && op < SWAP1;
}
@inline
export function isSwap(op: u32): bool {
  return op >= SWAP1 && op < SWAP1 + 16;
}
/** How far below the topmost word stands what a DUP copies, in bytes. */
@inline
export function reachOfDup(op: u32): u32 {
  return (op - DUP1) * 32;
}
@inline
export function reachOfSwap(op: u32): u32 {
  return (op - SWAP1 + 1) * 32;
}
