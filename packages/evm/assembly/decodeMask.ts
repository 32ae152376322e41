import { opAt } from "./bytecode";
import { Code } from "./Code";
import { wide } from "./Constant";
import { write, writeWide } from "./Draft";
import { OP_AND, OP_SHL, OP_SUB, PUSH_AND, PUSH_SMALL, PUSH_WIDE, PUSH_WIDE_AND } from "./generated/tables";
import { Hooks } from "./Hooks";
import { count, decidesJump } from "./OpenBlock";
import { setWord } from "./word";

const PUSH1: u32 = 0x60;
/** Bytes of `PUSH1 1 PUSH1 1 PUSH1 n SHL SUB`. */
const MASK: u32 = 8;
/** These, the first one lowest, with zero for n; and where n stands. */
const OPERATIONS: u64 = 0x031b006001600160;
const WIDTH: u64 = 0xff << 40;

/**
 * The n lowest bits, which Solidity's optimizer has computed wherever it cuts a value to its type: addresses most of all. Gives
 * where the next instruction begins, or 0 if no such mask stands at `pc`.
 */
export function decodeMask(code: Code, pc: u32): u32 {
  if (!isMask(code, pc)) return 0;
  for (let i = 0; i < 3; i++) count(PUSH1);
  count(OP_SHL);
  count(OP_SUB);
  const bits = opAt(code, pc + 5);
  const isAnd = opAt(code, pc + MASK) == OP_AND;
  if (isAnd) count(OP_AND);
  if (bits <= 64) write(isAnd ? PUSH_AND : PUSH_SMALL, 0, lowest(bits, 0));
  else {
    setWord(wide, lowest(bits, 0), lowest(bits, 64), lowest(bits, 128), lowest(bits, 192));
    writeWide(isAnd ? PUSH_WIDE_AND : PUSH_WIDE);
  }
  return pc + MASK + u32(isAnd);
}

/** Whether the lowest bits are computed at `pc`. */
export function isMask(code: Code, pc: u32): bool {
  if (pc + MASK > code.length || (load<u64>(code.bytes + pc) & ~WIDTH) != OPERATIONS) return false;
  return !(Hooks.isComparing && decidesJump(code, pc + 7));
}

/** Of a word whose `bits` lowest bits are set, the limb that begins at bit `from`. */
function lowest(bits: u32, from: u32): u64 {
  if (bits >= from + 64) return <u64>-1;
  return bits <= from ? 0 : ((<u64>1) << (bits - from)) - 1;
}
