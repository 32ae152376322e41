// Calls at work, from the outermost to the one that runs. A frame is data, not a function of WebAssembly.
import { hasRoom, Region } from "./Heap";

@unmanaged
export class Frame {
  /** The next instruction. */
  ip: usize;
  /** The topmost word of its stack; `stack` where it is empty. */
  sp: usize;
  stack: usize;
  gas: i64;
  gasAtStart: i64;
  /** Where its memory begins in the arena, and how long it is, a multiple of 32. */
  memory: u32;
  memorySize: u32;
  /** Call data, in the arena: of the caller's memory. */
  input: u32;
  inputLength: u32;
  /** Index of the code that runs. */
  code: u32;
  /** Accounts: whose storage it is, who called. */
  self: u32;
  caller: u32;
  kind: u32;
  isStatic: u32;
  /** Where the caller wants its output, in the caller's memory. */
  output: u32;
  outputLength: u32;
  /** What there was when it began. */
  journalMark: u32;
  logMark: u32;
  flowMark: u32;
  refundMark: i64;
  value0: u64;
  value1: u64;
  value2: u64;
  value3: u64;
}

/** EIP-150. */
export const MOST_DEPTH: u32 = 1024;
const FRAME: usize = 160;
const frames: usize = memory.data(164160, 16);

/** A frame's stack holds 1,024 words. The stacks lie one behind the other in one block, each from its caller's top on. */
export const STACK_BYTES: usize = 32 * 1024;
const stacks: Region = changetype<Region>(memory.data(16, 8));

/** The memories of all frames, one behind the other. */
export const arena: Region = changetype<Region>(memory.data(16, 8));

class Depth {
  static now: u32 = 0;
}

/** The output of the last call, which RETURNDATACOPY reads. */
export class ReturnData {
  static length: u32 = 0;
}
export const returned: Region = changetype<Region>(memory.data(16, 8));

export function depth(): u32 {
  return Depth.now;
}

@inline
export function frameAt(index: u32): Frame {
  return changetype<Frame>(frames + index * FRAME);
}
@inline
export function currentFrame(): Frame {
  return frameAt(Depth.now);
}
@inline
export function memoryStart(frame: Frame): usize {
  return arena.start + frame.memory;
}
@inline
export function inputStart(frame: Frame): usize {
  return arena.start + frame.input;
}
@inline
export function valueOf(frame: Frame): usize {
  return changetype<usize>(frame) + offsetof<Frame>("value0");
}

@inline
export function spill(frame: Frame, ip: usize, sp: usize, gas: i64, memorySize: u32): void {
  frame.ip = ip;
  frame.sp = sp;
  frame.gas = gas;
  frame.memorySize = memorySize;
}

/** Room for all stacks that calls can nest; false if memory is exhausted. Touched only as far as it is used. */
export function reserveStacks(): bool {
  return stacks.start != 0 || hasRoom(stacks, <u32>((MOST_DEPTH + 2) * STACK_BYTES));
}

/** The outermost frame, with its memory behind the input at the arena's begin. */
export function firstFrame(inputLength: u32): Frame {
  Depth.now = 0;
  const frame = frameAt(0);
  memory.fill(changetype<usize>(frame), 0, FRAME);
  frame.stack = stacks.start;
  frame.sp = frame.stack;
  frame.inputLength = inputLength;
  frame.memory = (inputLength + 31) & ~31;
  return frame;
}

/** A frame above the one that runs, which goes on behind it later. */
export function nextFrame(caller: Frame): Frame {
  Depth.now++;
  const frame = currentFrame();
  memory.fill(changetype<usize>(frame), 0, FRAME);
  frame.stack = caller.sp;
  frame.sp = caller.sp;
  frame.memory = caller.memory + caller.memorySize;
  return frame;
}

export function dropFrame(): Frame {
  Depth.now--;
  return currentFrame();
}

/** Keeps `length` bytes at `from` as the output of the last call; false if memory is exhausted. */
export function keepReturned(from: usize, length: u32): bool {
  returned.length = 0;
  if (length > 0 && !hasRoom(returned, length)) return false;
  memory.copy(returned.start, from, length);
  ReturnData.length = length;
  return true;
}
