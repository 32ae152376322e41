// The outermost call or creation: where a run begins and ends. What a transaction pays and checks around it is the host's,
// with the functions below.
import {
  accountAt,
  accountCount,
  addressAt,
  balanceAt,
  clearCode,
  isEmpty,
  NO_ACCOUNT,
  rememberBalance,
  rememberLife,
  setNonce,
  touch,
  warmAccount,
  EXISTS,
} from "./Accounts";
import { Blobs } from "./Blobs";
import { blockWords, ORIGIN } from "./Block";
import { forgetCheats } from "./Cheats";
import { CALL_KIND, codeOf, STATICCALL_KIND } from "./call";
import { delegateAt, putCode } from "./Code";
import { bear, CREATE_KIND, isTaken } from "./create";
import { decode } from "./decode";
import { callData, currentFrame, firstFrame, Frame, inputStart, keepReturned, reserveStacks, ReturnData, returned, valueOf } from "./Frame";
import { interpret } from "./generated/interpret";
import { Heap } from "./Heap";
import { flows, forgetRecords, Hooks } from "./Hooks";
import { hasRecords, journal, LIFE, Record, RECORD, TRANSIENT, WARM_ACCOUNT, WARM_SLOT } from "./Journal";
import { logs } from "./Log";
import { runOutermostPrecompile } from "./precompile";
import { hasRoom } from "./Region";
import { rollback } from "./rollback";
import { isPrecompile, Rules } from "./Rules";
import { Run } from "./Run";
import { clearSlots, slotAt, slotCount } from "./Slots";
import { ADDRESS_COLLISION, BALANCE_TOO_LOW, DONE, FAULT, PRECOMPILE_FAILED, RESTART, SUCCESS } from "./status";
import { trace, traceEnter, traceLeave } from "./Trace";
import { forgetTransient } from "./Transient";
import { transfer } from "./transfer";
import { copyWord } from "./word";
import { isAtLeast } from "./words";

const zero: usize = memory.data(32, 16);
const hash: usize = memory.data(32, 16);

/** Begins a run: no refund, no logs, no records, nothing is warm but those that have to do with it. */
export function enterRun(from: u32, to: u32, coinbase: u32, blobs: u32): void {
  enterNext(from, to, coinbase);
  forgetRecords();
  Blobs.count = blobs;
  // A batch that the host broke off may have left it otherwise.
  Hooks.isComparing = Hooks.comparisons;
}

/** The same, and records of runs before it stay. */
export function enterNext(from: u32, to: u32, coinbase: u32): void {
  beginRun();
  copyWord(blockWords + ORIGIN, addressAt(from));
  warmAccount(from);
  warmAccount(to);
  warmAccount(coinbase);
}

/**
 * Begins a call within the run that was halted: what that has accessed, made and put into transient storage is there. What the host
 * was to read of it is not.
 */
export function enterWithin(from: u32): void {
  clearRun();
  copyWord(blockWords + ORIGIN, addressAt(from));
}

function beginRun(): void {
  Run.id++;
  // After four billion runs a mark could seem to be of this one: all of them are wiped.
  if (Run.id == <u32>-1) wipeMarks();
  clearRun();
  forgetTransient();
}

function clearRun(): void {
  Run.refund = 0;
  Run.status = SUCCESS;
  logs.length = 0;
  trace.length = 0;
  ReturnData.length = 0;
  Heap.isExhausted = false;
  forgetCheats();
}

function wipeMarks(): void {
  for (let i: u32 = 0; i < accountCount(); i++) {
    accountAt(i).warmIn = 0;
    accountAt(i).createdIn = 0;
    accountAt(i).destroyedIn = 0;
  }
  for (let i: u32 = 0; i < slotCount(); i++) {
    slotAt(i).warmIn = 0;
    slotAt(i).originalIn = 0;
  }
  for (let at = journal.start; at < journal.start + journal.length; at += RECORD) {
    const record = changetype<Record>(at);
    if (record.kind == WARM_ACCOUNT || record.kind == WARM_SLOT) record.number = 0;
    if (record.kind == LIFE) {
      record.word0 = 0;
      record.word1 = 0;
    }
  }
  Run.id = 1;
}

/** Room for what any run needs; false if memory is exhausted. */
export function reserveRun(): bool {
  return reserveStacks();
}

/** Where the host writes the call data, or 0 if memory is exhausted. Views of memory are void afterwards. */
export function roomForInput(length: u32): usize {
  callData.length = 0;
  return hasRoom(callData, <u64>length + 32) && reserveStacks() ? callData.start : 0;
}

/**
 * Runs a call of `to`, with `inputLength` bytes of call data in their place. DONE, MISS or FAULT. With a value that the sender
 * does not have it ends with BALANCE_TOO_LOW.
 */
export function runCall(from: u32, to: u32, value: usize, gas: i64, inputLength: u32, isStatic: bool): i32 {
  return runCallWith(from, to, value, gas, callData.start, inputLength, isStatic);
}

/** The same with call data that stands at `input`. */
export function runCallWith(
  from: u32,
  to: u32,
  value: usize,
  gas: i64,
  input: usize,
  inputLength: u32,
  isStatic: bool,
): i32 {
  const code = codeOf(to);
  if (Heap.isExhausted) return FAULT;
  if (code < 0) return RESTART;
  const frame = begin(isStatic ? STATICCALL_KIND : CALL_KIND, from, to, value, gas, inputLength);
  frame.input = input;
  frame.isStatic = isStatic ? 1 : 0;
  traceEnter(CALL_KIND, addressAt(from), addressAt(to), valueOf(frame), gas, inputStart(frame), inputLength);
  if (!isAtLeast(balanceAt(from), value)) return end(frame, BALANCE_TOO_LOW);
  touch(to);
  transfer(from, to, value);
  if (isPrecompile(addressAt(to))) {
    const left = runOutermostPrecompile(<u32>load<u64>(addressAt(to)), frame, gas);
    if (Heap.isExhausted) return FAULT;
    frame.gas = max<i64>(left, 0);
    return end(frame, left < 0 ? PRECOMPILE_FAILED : SUCCESS);
  }
  if (code == 0) return end(frame, SUCCESS);
  frame.ip = decode(<u32>code);
  if (frame.ip == 0) return FAULT;
  frame.code = <u32>code;
  return interpret();
}

/** Runs the creation of the account `to`, whose init code is the input. The creator's nonce is the caller's concern. */
export function runCreation(from: u32, to: u32, value: usize, gas: i64, inputLength: u32): i32 {
  if (Heap.isExhausted) return FAULT;
  const frame = begin(CREATE_KIND, from, to, value, gas, inputLength);
  traceEnter(CREATE_KIND, addressAt(from), addressAt(to), valueOf(frame), gas, inputStart(frame), inputLength);
  if (!isAtLeast(balanceAt(from), value)) return end(frame, BALANCE_TOO_LOW);
  if (isTaken(to)) return end(frame, ADDRESS_COLLISION);
  bear(to);
  transfer(from, to, value);
  if (inputLength == 0) return end(frame, SUCCESS);
  const code = putCode(inputStart(frame), inputLength, hash);
  frame.ip = code == 0 ? 0 : decode(code);
  if (frame.ip == 0) return FAULT;
  frame.code = code;
  // The init code is not its own call data.
  frame.inputLength = 0;
  return interpret();
}

function begin(kind: u32, from: u32, to: u32, value: usize, gas: i64, inputLength: u32): Frame {
  const frame = firstFrame(inputLength);
  frame.kind = kind;
  frame.self = to;
  frame.caller = from;
  frame.gas = gas;
  frame.gasAtStart = gas;
  copyWord(valueOf(frame), value);
  frame.journalMark = journal.length;
  frame.logMark = logs.length;
  frame.flowMark = flows.length;
  frame.refundMark = Run.refund;
  return frame;
}

/** Ends a run in which no code of the EVM ran. */
function end(frame: Frame, status: u32): i32 {
  if (status != SUCCESS) {
    rollback(frame.journalMark);
    flows.length = frame.flowMark;
    frame.gas = status == BALANCE_TOO_LOW ? frame.gas : 0;
    keepReturned(0, 0);
  }
  traceLeave(status, frame.gasAtStart - frame.gas, returned.start, ReturnData.length);
  Run.status = status;
  return Heap.isExhausted ? FAULT : DONE;
}

/** Gas that the outermost frame left. */
export function gasLeft(): i64 {
  return currentFrame().gas;
}

/**
 * Removes what was destroyed since the journal was `mark` bytes long, at the end of its transaction (EIP-6780). False if memory
 * is exhausted: then the host takes the run back.
 */
export function removeDestroyed(mark: u32): bool {
  const end_ = journal.length;
  for (let at = mark; at < end_; at += RECORD) {
    const record = changetype<Record>(journal.start + at);
    if (record.kind != LIFE) continue;
    const index = record.index;
    if (accountAt(index).destroyedIn != Run.id || accountAt(index).createdIn != Run.id) continue;
    if (!remove(index)) return false;
  }
  if (journal.length > LONG) forgetAccesses(mark);
  return !Heap.isExhausted;
}

/** A journal that is longer is shortened where a run ends: who rolls back after each run never has one. */
const LONG: u32 = 1 << 20;

// What a run accessed is void with its end, and there is no mark within it: the records behind them move up.
function forgetAccesses(mark: u32): void {
  let to = journal.start + mark;
  const end = journal.start + journal.length;
  for (let at = to; at < end; at += RECORD) {
    const kind = changetype<Record>(at).kind;
    if (kind == WARM_ACCOUNT || kind == WARM_SLOT || kind == TRANSIENT) continue;
    if (to != at) memory.copy(to, at, RECORD);
    to += RECORD;
  }
  journal.length = <u32>(to - journal.start);
}

function remove(index: u32): bool {
  // A contract that wrote more slots than the journal has in reserve must not trap.
  if (!hasRecords(accountAt(index).filledSlots + 4)) return false;
  rememberLife(index);
  accountAt(index).flags &= ~EXISTS;
  accountAt(index).destroyedIn = 0;
  rememberBalance(index);
  memory.fill(balanceAt(index), 0, 32);
  setNonce(index, 0);
  if (accountAt(index).code != 0) clearCode(index);
  clearSlots(index, zero);
  return true;
}
