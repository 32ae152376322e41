import { INSTRUCTION } from "./Draft";
import { firstSequence, SEQUENCES, sequences } from "./generated/tables";

/**
 * Lets the first instruction of a sequence stand for all of it. The others stay where they are: they hold what they work on, and a run
 * that stops in between goes on there. No sequence begins a block, so that none goes over the end of one.
 */
export function joinSequences(from: usize, end: usize): void {
  for (let at = from; at < end; ) {
    const row = sequenceAt(at, end);
    if (row >= 0) store<u16>(at, <u16>(256 + row));
    at += row < 0 ? INSTRUCTION : INSTRUCTION * load<u8>(sequences + row * 8);
  }
}

/** The row of the longest sequence that stands at `at`, or -1. */
function sequenceAt(at: usize, end: usize): i32 {
  const op = load<u16>(at);
  let row = firstSequence(op);
  if (row < 0) return row;
  for (; <u32>row < SEQUENCES && load<u8>(sequences + row * 8, 1) == op; row++) {
    const length: u32 = load<u8>(sequences + row * 8);
    if (at + length * INSTRUCTION > end) continue;
    let i: u32 = 1;
    while (i < length && load<u16>(at + i * INSTRUCTION) == load<u8>(sequences + row * 8 + 1 + i)) i++;
    if (i == length) return row;
  }
  return -1;
}
