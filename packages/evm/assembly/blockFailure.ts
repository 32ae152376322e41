import { STACK_OVERFLOW, STACK_UNDERFLOW } from "./status";

/** Which of a basic block's bounds does not hold at this height of the stack, in bytes. */
export function blockFailure(block: usize, height: usize): u32 {
  return height < load<u16>(block, 2) ? STACK_UNDERFLOW : STACK_OVERFLOW;
}
