// Calls at work, from the outermost to the one that runs. A frame is data, not a function of WebAssembly.
import { release, reserve } from "./Heap";
import { hasRoom, Region } from "./Region";
import { copyWord } from "./word";
import { zeroWords } from "./words";

@unmanaged
export class Frame {
  /** The next instruction. */
  ip: usize;
  /** The topmost word of its stack; `stack` where it is empty. */
  sp: usize;
  stack: usize;
  gas: i64;
  gasAtStart: i64;
  /** Its memory: a block of its own with room for `memoryCapacity` bytes, of which `memorySize` are there. */
  memory: usize;
  memorySize: u32;
  memoryCapacity: u32;
  /** Call data: in the memory of the caller, which stays where it is meanwhile. */
  input: usize;
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
  /** Cheat codes: the account that its calls come from and that ORIGIN says meanwhile (both + 1, 0 for none), and how long. */
  prankAs: u32;
  prankOrigin: u32;
  prankFlags: u32;
  /** The origin before this frame began, + 1, where that is another. */
  originBefore: u32;
}

/** EIP-150. */
export const MOST_DEPTH: u32 = 1024;
const FRAME: usize = 160;
const frames: usize = memory.data(164160, 16);

/** A frame's stack holds 1,024 words. The stacks lie one behind the other in one block, each from its caller's top on. */
export const STACK_BYTES: usize = 32 * 1024;
export const STACKS_BYTES: u32 = <u32>((MOST_DEPTH + 2) * STACK_BYTES);
class Stacks {
  static start: usize = 0;
}

/** The call data of the outermost frame. */
export const callData: Region = changetype<Region>(memory.data(16, 8));

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
  return frame.memory;
}
@inline
export function inputStart(frame: Frame): usize {
  return frame.input;
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
  if (Stacks.start == 0) Stacks.start = reserve(STACKS_BYTES);
  return Stacks.start != 0;
}

/** Gives back what the frames of the last run hold: of one that never ended these are all that were at work. */
export function dropFrames(): void {
  for (let i: u32 = 0; i <= Depth.now; i++) releaseMemory(frameAt(i));
  Depth.now = 0;
}

/** The outermost frame. */
export function firstFrame(inputLength: u32): Frame {
  dropFrames();
  const frame = frameAt(0);
  zeroWords(changetype<usize>(frame), FRAME);
  frame.stack = Stacks.start;
  frame.sp = frame.stack;
  frame.input = callData.start;
  frame.inputLength = inputLength;
  return frame;
}

/** A frame above the one that runs, which goes on behind it later. */
export function nextFrame(caller: Frame): Frame {
  Depth.now++;
  const frame = currentFrame();
  zeroWords(changetype<usize>(frame), FRAME);
  frame.stack = caller.sp;
  frame.sp = caller.sp;
  return frame;
}

/** Leaves the frame on top, and gives its caller. */
export function dropFrame(): Frame {
  releaseMemory(currentFrame());
  Depth.now--;
  return currentFrame();
}

function releaseMemory(frame: Frame): void {
  release(frame.memory, frame.memoryCapacity);
  frame.memory = 0;
}

/** Keeps `length` bytes at `from` as the output of the last call; false if memory is exhausted. */
export function keepReturned(from: usize, length: u32): bool {
  returned.length = 0;
  if (length > 0 && !hasRoom(returned, length)) return false;
  if (length == 32) copyWord(returned.start, from);
  else if (length > 0) memory.copy(returned.start, from, length);
  ReturnData.length = length;
  return true;
}
