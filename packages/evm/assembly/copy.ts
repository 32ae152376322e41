// The operations that copy bytes into memory. What lies behind the end of the source reads as zero.
import { accountAt, needAccount, NO_ACCOUNT, warmAccount } from "./Accounts";
import { codeAt } from "./Code";
import { Frame, inputStart, memoryStart, ReturnData, returned } from "./Frame";
import { chargeWords, reach } from "./memory";
import { Run } from "./Run";
import { CONTINUE, FAIL, MISS, OUT_OF_GAS, RETURN_DATA_OUT_OF_BOUNDS } from "./status";
import { isWide, saturated } from "./words";

const one: usize = memory.data<u64>([1, 0, 0, 0]);

/** Fails the frame that is at work. */
export function fail(status: u32): i32 {
  Run.failure = status;
  return FAIL;
}

export function copyCallData(frame: Frame): i32 {
  if (!pay(frame, frame.sp)) return fail(OUT_OF_GAS);
  copyPadded(frame, frame.sp, inputStart(frame), frame.inputLength);
  frame.sp -= 96;
  return CONTINUE;
}

export function copyCode(frame: Frame): i32 {
  if (!pay(frame, frame.sp)) return fail(OUT_OF_GAS);
  const code = codeAt(frame.code);
  copyPadded(frame, frame.sp, code.bytes, code.length);
  frame.sp -= 96;
  return CONTINUE;
}

export function copyForeignCode(frame: Frame): i32 {
  const index = needAccount(frame.sp);
  if (index == NO_ACCOUNT) return MISS;
  frame.gas -= warmAccount(index) ? 2600 : 100;
  if (frame.gas < 0 || !pay(frame, frame.sp - 32)) return fail(OUT_OF_GAS);
  const code = accountAt(index).code;
  copyPadded(frame, frame.sp - 32, codeAt(code).bytes, codeAt(code).length);
  frame.sp -= 128;
  return CONTINUE;
}

export function copyReturnData(frame: Frame): i32 {
  const sp = frame.sp;
  const from = saturated(sp - 32);
  const length = saturated(sp - 64);
  const end = from + length;
  if (end < from || end > ReturnData.length) return fail(RETURN_DATA_OUT_OF_BOUNDS);
  if (!pay(frame, sp)) return fail(OUT_OF_GAS);
  // Of no bytes the offset may be any: it must not become an address.
  if (length > 0) memory.copy(memoryStart(frame) + load<u32>(sp), returned.start + <usize>from, <usize>length);
  frame.sp = sp - 96;
  return CONTINUE;
}

export function copyMemory(frame: Frame): i32 {
  const sp = frame.sp;
  if (!pay(frame, sp) || !reach(frame, sp - 32, sp - 64)) return fail(OUT_OF_GAS);
  const length = load<u32>(sp - 64);
  if (length > 0) {
    memory.copy(memoryStart(frame) + load<u32>(sp), memoryStart(frame) + load<u32>(sp - 32), length);
  }
  frame.sp = sp - 96;
  return CONTINUE;
}

/** Pays for a copy to the offset at `at`, whose length stands two words below. */
function pay(frame: Frame, at: usize): bool {
  return chargeWords(frame, at - 64, 3) && reach(frame, at, at - 64);
}

function copyPadded(frame: Frame, at: usize, source: usize, sourceLength: u32): void {
  const length = load<u32>(at - 64);
  if (length == 0) return;
  const to = memoryStart(frame) + load<u32>(at);
  const from = isWide(at - 32) ? sourceLength : min<u32>(load<u32>(at - 32), sourceLength);
  const there = min<u32>(length, sourceLength - from);
  memory.copy(to, source + from, there);
  memory.fill(to + there, 0, length - there);
}

/** MSTORE8. */
export function storeByte(frame: Frame): i32 {
  const sp = frame.sp;
  if (!reach(frame, sp, one)) return fail(OUT_OF_GAS);
  store<u8>(memoryStart(frame) + load<u32>(sp), load<u8>(sp - 32));
  frame.sp = sp - 64;
  return CONTINUE;
}
