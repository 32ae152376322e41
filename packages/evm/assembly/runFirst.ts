import { Code, codeAt } from "./Code";
import { BLOCK } from "./generated/tables";
import { edgeNumber, Hooks } from "./Hooks";

/** Notes that a block runs, and makes a BLOCK of the BLOCK_FIRST: coverage costs nothing later on. */
export function runFirst(block: usize, index: u32): void {
  const byte = load<u32>(block, 12);
  // In the code's other form it may have run.
  if (load<u8>(byte) == 0) Hooks.found++;
  store<u8>(byte, 1);
  openBlock(block, codeAt(index), index);
}

/** Makes a BLOCK of the BLOCK_FIRST at `block`, of the code with this index. */
export function openBlock(block: usize, code: Code, index: u32): void {
  const number = load<u32>(block, 12) - <u32>code.coverage;
  const offset = load<u32>(code.coverage + ((code.blocks + 3) & ~3) + number * 4);
  store<u16>(block, <u16>BLOCK);
  store<u16>(block, load<u16>(block, 6), 4);
  store<u32>(block, edgeNumber(index, offset), 12);
}
