import { Frame, inputStart, keepReturned, memoryStart, ReturnData, returned } from "./Frame";
import { hasRoom } from "./Heap";

const IDENTITY: u32 = 4;

/** Gas that is left, or -1 if the contract fails. The host writes its output where `roomForOutput` says. */
declare function runHostPrecompile(id: u32, input: usize, length: u32, gas: i64): i64;

/** Runs a precompiled contract on the frame's memory; its output becomes the return data. Gas that is left, or -1. */
export function runPrecompile(id: u32, frame: Frame, input: u32, length: u32, gas: i64): i64 {
  const at = memoryStart(frame) + input;
  return id == IDENTITY ? identity(at, length, gas) : runHostPrecompile(id, at, length, gas);
}

/** The same for a run that calls it at once: its input is the call data. */
export function runOutermostPrecompile(id: u32, frame: Frame, gas: i64): i64 {
  const at = inputStart(frame);
  return id == IDENTITY ? identity(at, frame.inputLength, gas) : runHostPrecompile(id, at, frame.inputLength, gas);
}

function identity(at: usize, length: u32, gas: i64): i64 {
  const left = gas - 15 - <i64>((<u64>length + 31) >> 5) * 3;
  if (left < 0) return -1;
  return keepReturned(at, length) ? left : -1;
}

/** Where the host writes `length` bytes of output, or 0 if memory is exhausted. Views of memory are void afterwards. */
export function roomForOutput(length: u32): usize {
  returned.length = 0;
  // Even no output at all needs a place that is not 0: until the first output there is none.
  if (!hasRoom(returned, length + 1)) return 0;
  ReturnData.length = length;
  return returned.start;
}
