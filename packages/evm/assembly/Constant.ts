import { pushLength } from "./bytecode";
import { Code, formOf } from "./Code";
import { loadBigEndian } from "./word";

/** The constant of the push that was read last, if it fits 64 bits, else -1 as a sign that it does not (with `isSmall` false). */
export class Constant {
  static isSmall: bool = false;
  static value: u64 = 0;
}
export const wide: usize = memory.data(32, 16);
const bytes: usize = memory.data(32, 16);

export function readPush(code: Code, pc: u32, op: u32): void {
  const length = pushLength(op);
  memory.fill(bytes, 0, 32);
  // Behind the end of the code there are zeros.
  const there = min<u32>(length, code.length - pc - 1);
  memory.copy(bytes + 32 - length, code.bytes + pc + 1, there);
  loadBigEndian(wide, bytes);
  Constant.isSmall = (load<u64>(wide, 8) | load<u64>(wide, 16) | load<u64>(wide, 24)) == 0;
  Constant.value = load<u64>(wide);
}

@inline
export function isDestination(code: Code): bool {
  return (
    Constant.isSmall && Constant.value < code.length && load<u32>(formOf(code).jumps + <u32>Constant.value * 4) != 0
  );
}
