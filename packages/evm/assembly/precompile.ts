import { blake2f } from "./blake2f";
import { Frame, inputStart, keepReturned, memoryStart, ReturnData, returned } from "./Frame";
import { hasRoom } from "./Region";

const IDENTITY: u32 = 4;
const BLAKE2F: u32 = 9;

/** Gas that is left, or -1 if the contract fails. The host writes its output where `roomForOutput` says. */
declare function runHostPrecompile(id: u32, input: usize, length: u32, gas: i64): i64;

/** Runs a precompiled contract on the frame's memory; its output becomes the return data. Gas that is left, or -1. */
export function runPrecompile(id: u32, frame: Frame, input: u32, length: u32, gas: i64): i64 {
  return runAt(id, memoryStart(frame) + input, length, gas);
}

/** The same for a run that calls it at once: its input is the call data. */
export function runOutermostPrecompile(id: u32, frame: Frame, gas: i64): i64 {
  return runAt(id, inputStart(frame), frame.inputLength, gas);
}

function runAt(id: u32, at: usize, length: u32, gas: i64): i64 {
  if (id == IDENTITY) return identity(at, length, gas);
  if (id == BLAKE2F) return compress(at, length, gas);
  return runHostPrecompile(id, at, length, gas);
}

function compress(at: usize, length: u32, gas: i64): i64 {
  const output = roomForOutput(64);
  if (output == 0) return -1;
  return blake2f(at, length, output, gas);
}

function identity(at: usize, length: u32, gas: i64): i64 {
  const left = gas - 15 - <i64>((<u64>length + 31) >> 5) * 3;
  if (left < 0) return -1;
  return keepReturned(at, length) ? left : -1;
}

/** Where the host writes `length` bytes of output, or 0 if memory is exhausted. Views of memory are void afterwards. */
export function roomForOutput(length: u32): usize {
  returned.length = 0;
  // One byte more: an empty output has a place too, and 0 means that there is none.
  if (!hasRoom(returned, <u64>length + 1)) return 0;
  ReturnData.length = length;
  return returned.start;
}
