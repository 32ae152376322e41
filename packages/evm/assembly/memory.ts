import { currentFrame, Frame } from "./Frame";
import { allocate, Heap, release } from "./Heap";
import { isZeroWord } from "./word";
import { isWide, zeroWords } from "./words";

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
  if (bytes > frame.memoryCapacity && !move(frame, size, bytes)) return -1;
  // Mostly a word or a few.
  if (bytes - size <= 1024) zeroWords(frame.memory + size, bytes - size);
  else memory.fill(frame.memory + size, 0, bytes - size);
  Extended.size = bytes;
  return left;
}

function move(frame: Frame, size: u32, bytes: u32): bool {
  const capacity = max<u32>((<u32>1) << (32 - <u32>clz<u32>(bytes - 1)), 1024);
  const place = allocate(capacity);
  if (place == 0) return false;
  memory.copy(place, frame.memory, size);
  release(frame.memory, frame.memoryCapacity);
  frame.memory = place;
  frame.memoryCapacity = capacity;
  return true;
}

/**
 * Makes the bytes from the offset at `offset`, as many as `length` says, part of the frame's memory, and charges for it. False
 * if the gas does not suffice. No bytes at all cost nothing, wherever they are.
 */
export function reach(frame: Frame, offset: usize, length: usize): bool {
  if (isZeroWord(length)) return true;
  if (isWide(length) || isWide(offset)) return false;
  const end = <u64>load<u32>(offset) + load<u32>(length);
  if (end <= frame.memorySize) return true;
  const left = extend(end, frame.memorySize, frame.gas);
  if (left < 0) return false;
  frame.gas = left;
  frame.memorySize = extendedSize();
  return true;
}

/** Charges `each` gas for each 32 bytes of the length at `length`; false if it does not suffice. */
export function chargeWords(frame: Frame, length: usize, each: u64): bool {
  if (isWide(length)) return false;
  frame.gas -= <i64>(((<u64>load<u32>(length) + 31) >> 5) * each);
  return frame.gas >= 0;
}
