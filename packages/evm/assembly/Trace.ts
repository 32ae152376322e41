// What geth's callTracer tells, as records one after the other: 0 size, 4 kind, then what the kind has.
import { Heap } from "./Heap";
import { Hooks, recordCall } from "./Hooks";
import { meetBegin, meetEnd, Moment } from "./Moment";
import { hasRoom, Region } from "./Region";
import { copyWord } from "./word";

export const ENTERED: u32 = 1;
export const LEFT: u32 = 2;
export const LOGGED: u32 = 3;

export const trace: Region = changetype<Region>(memory.data(16, 8));

// A call costs a hundred gas and may have a megabyte of input: without a bound its record would fill memory, and the host
// that reads it would need four times as much.
const MOST_BYTES: u32 = 1 << 26;

function begin(kind: u32, bytes: u32): usize {
  const size = (bytes + 7) & ~7;
  if (trace.length + size > MOST_BYTES) Heap.isExhausted = true;
  if (trace.length + size > MOST_BYTES || !hasRoom(trace, size)) return 0;
  const at = trace.start + trace.length;
  trace.length += size;
  store<u32>(at, size);
  store<u32>(at, kind, 4);
  return at;
}

/** 8 call kind, 12 length of the input, 16 gas, 24 from, 56 to, 88 value, 120 input. */
export function traceEnter(
  kind: u32,
  from: usize,
  to: usize,
  value: usize,
  gas: i64,
  input: usize,
  inputLength: u32,
): void {
  if (Moment.isAwaited) meetBegin();
  if (Hooks.calls) recordCall(kind, from, to, value, input, inputLength);
  if (!Hooks.trace) return;
  const at = begin(ENTERED, 120 + inputLength);
  if (at == 0) return;
  store<u32>(at, kind, 8);
  store<u32>(at, inputLength, 12);
  store<i64>(at, gas, 16);
  copyWord(at + 24, from);
  copyWord(at + 56, to);
  copyWord(at + 88, value);
  memory.copy(at + 120, input, inputLength);
}

/** 8 status, 12 length of the output, 16 gas used, 24 output. */
export function traceLeave(status: u32, gasUsed: i64, output: usize, outputLength: u32): void {
  if (Moment.isAwaited) meetEnd();
  if (!Hooks.trace) return;
  const at = begin(LEFT, 24 + outputLength);
  if (at == 0) return;
  store<u32>(at, status, 8);
  store<u32>(at, outputLength, 12);
  store<i64>(at, gasUsed, 16);
  memory.copy(at + 24, output, outputLength);
}

/** 8 the log as it stands among the logs. */
export function traceLog(log: usize, size: u32): void {
  if (!Hooks.trace) return;
  const at = begin(LOGGED, 8 + size);
  if (at != 0) memory.copy(at + 8, log, size);
}
