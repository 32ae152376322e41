import { arena, currentFrame } from "./Frame";
import { hasRoom, Heap } from "./Heap";

class Extended {
  static size: u32 = 0;
}

/** The size that the last extension led to. */
export function extendedSize(): u32 {
  return Extended.size;
}

@inline
function costOf(words: u64): u64 {
  return words * 3 + ((words * words) >> 9);
}

/**
 * Extends the memory of the frame at work from `size` to at least `end` bytes, and gives the gas that is left; less than
 * zero if it does not suffice. Nothing is reserved before it is paid.
 */
export function extend(end: u64, size: u32, gas: i64): i64 {
  if (end > 0x3fffffe0) {
    // A gibibyte costs 2^41 gas: more than any block has. With more gas than that it is our memory that is missing.
    const words = min<u64>((end + 31) >> 5, (<u64>1) << 31);
    if (gas >= <i64>costOf(words)) Heap.isExhausted = true;
    return -1;
  }
  const words = (end + 31) >> 5;
  const left = gas - <i64>(costOf(words) - costOf(size >> 5));
  if (left < 0) return -1;
  const frame = currentFrame();
  const bytes = <u32>(words << 5);
  arena.length = frame.memory + size;
  if (!hasRoom(arena, bytes - size)) return -1;
  memory.fill(arena.start + frame.memory + size, 0, bytes - size);
  Extended.size = bytes;
  return left;
}
