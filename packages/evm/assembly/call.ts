import {
  accountAt,
  addressAt,
  balanceAt,
  findAccount,
  isEmpty,
  needAccount,
  NO_ACCOUNT,
  touch,
  warmAccount,
} from "./Accounts";
import { isCheat, isCheatReady, runCheat } from "./cheat";
import { Cheats } from "./Cheats";
import { codeAt, delegateAt } from "./Code";
import { fail } from "./copy";
import { decode } from "./decode";
import { judgeCall } from "./expectRevert";
import {
  depth,
  Frame,
  keepReturned,
  memoryStart,
  MOST_DEPTH,
  nextFrame,
  ReturnData,
  returned,
  valueOf,
} from "./Frame";
import { flows } from "./Hooks";
import { journal } from "./Journal";
import { logs } from "./Log";
import { reach } from "./memory";
import { senderOf, setOrigin, usePrank } from "./prank";
import { runPrecompile } from "./precompile";
import { rollback } from "./rollback";
import { isPrecompile, Rules } from "./Rules";
import { Run } from "./Run";
import {
  BALANCE_TOO_LOW,
  CONTINUE,
  DEPTH_EXCEEDED,
  ENTER,
  FAULT,
  MISS,
  OUT_OF_GAS,
  PRECOMPILE_FAILED,
  SUCCESS,
  WRITE_PROTECTION,
} from "./status";
import { traceEnter, traceLeave } from "./Trace";
import { transfer } from "./transfer";
import { copyWord, isZeroWord, setLimb } from "./word";
import { isAtLeast, saturated } from "./words";

export const CALL_KIND: u32 = 0;
export const CALLCODE_KIND: u32 = 1;
export const DELEGATECALL_KIND: u32 = 2;
export const STATICCALL_KIND: u32 = 3;

const INSTRUCTION: usize = 16;
const zero: usize = memory.data(32, 16);
const value: usize = memory.data(32, 16);

/** The code that a call of the account runs, which EIP-7702 may place elsewhere; -1 if its account or the code is missing. */
export function codeOf(account: u32): i64 {
  const code = accountAt(account).code;
  if (code == 0 || !Rules.hasDelegations || codeAt(code).isDelegation == 0) return knownCodeOf(account);
  const delegate = needAccount(delegateAt(code));
  return delegate == NO_ACCOUNT ? -1 : knownCodeOf(delegate);
}

function knownCodeOf(account: u32): i64 {
  const code = accountAt(account).code;
  if (code == 0 || codeAt(code).isUnknown == 0) return code;
  Run.missing(Run.CODE, addressAt(account), 0);
  return -1;
}

/** CALL, CALLCODE, DELEGATECALL and STATICCALL: up to the begin of the called frame, or to the end where none begins. */
export function beginCall(frame: Frame, kind: u32): i32 {
  const sp = frame.sp;
  const to = sp - 32;
  const hasValue = kind <= CALLCODE_KIND;
  const amount = hasValue ? sp - 64 : zero;
  const input = hasValue ? sp - 96 : sp - 64;
  const last = input - 96;

  // Everything that may be missing comes first: up to here the operation can begin again.
  const target = needAccount(to);
  if (target == NO_ACCOUNT) return MISS;
  const code = codeOf(target);
  if (code < 0) return MISS;
  const isOurs = Cheats.isOn && isCheat(target, kind);
  if (isOurs && !isCheatReady(frame, target, input, input - 32)) return MISS;
  const from = Cheats.isOn && !isOurs ? senderOf(frame, kind) : frame.self;

  const isPaying = !isZeroWord(amount);
  if (frame.isStatic != 0 && kind == CALL_KIND && isPaying) return fail(WRITE_PROTECTION);
  if (!reach(frame, input, input - 32) || !reach(frame, input - 64, last)) return fail(OUT_OF_GAS);
  let gas = frame.gas - (warmAccount(target) ? 2600 : 100) - costOfDelegation(target);
  if (isPaying) gas -= 9000;
  if (isPaying && kind == CALL_KIND && isEmpty(target)) gas -= 25_000;
  if (gas < 0) return fail(OUT_OF_GAS);
  // EIP-150: a 64th stays.
  const most = <u64>(gas - gas / 64);
  let given = <i64>min<u64>(saturated(sp), most);
  frame.gas = gas - given;
  if (isPaying) given += 2300;
  frame.sp = last - 32;
  ReturnData.length = 0;

  const inputAt = isZeroWord(input - 32) ? 0 : load<u32>(input);
  const inputLength = load<u32>(input - 32);
  copyWord(value, kind == DELEGATECALL_KIND ? valueOf(frame) : amount);
  traceEnter(
    kind,
    addressAt(from),
    addressAt(target),
    value,
    given,
    memoryStart(frame) + inputAt,
    inputLength,
  );
  const outputAt = load<u32>(input - 64);
  const outputLength = load<u32>(last);
  if (isOurs) {
    return runCheat(frame, target, memoryStart(frame) + inputAt, inputLength, given, outputAt, outputLength);
  }
  const origin = Cheats.isOn ? usePrank(frame, kind) : 0;
  if (depth() >= MOST_DEPTH) return notBegun(frame, given, DEPTH_EXCEEDED, outputAt, outputLength);
  if (isPaying && !isAtLeast(balanceAt(from), value)) {
    return notBegun(frame, given, BALANCE_TOO_LOW, outputAt, outputLength);
  }

  const mark = journal.length;
  const flowMark = flows.length;
  if (kind == CALL_KIND) {
    touch(target);
    transfer(from, target, value);
  }
  if (isPrecompile(addressAt(target))) {
    const left = runPrecompile(<u32>load<u64>(addressAt(target)), frame, inputAt, inputLength, given);
    if (left < 0) {
      rollback(mark);
      flows.length = flowMark;
    }
    return end(frame, left, given, outputAt, outputLength);
  }
  if (code == 0) return end(frame, given, given, outputAt, outputLength);

  const instructions = decode(<u32>code);
  if (instructions == 0) return FAULT;
  frame.ip += INSTRUCTION;
  const child = nextFrame(frame);
  child.kind = kind;
  child.code = <u32>code;
  child.ip = instructions;
  child.self = kind == CALL_KIND || kind == STATICCALL_KIND ? target : frame.self;
  child.caller = kind == DELEGATECALL_KIND ? frame.caller : from;
  child.isStatic = frame.isStatic | (kind == STATICCALL_KIND ? 1 : 0);
  copyWord(valueOf(child), value);
  child.gas = given;
  child.gasAtStart = given;
  child.input = frame.memory + inputAt;
  child.inputLength = inputLength;
  child.output = outputAt;
  child.outputLength = outputLength;
  child.journalMark = mark;
  child.logMark = logs.length;
  child.flowMark = flowMark;
  child.refundMark = Run.refund;
  if (Cheats.isOn) setOrigin(child, origin);
  return ENTER;
}

function costOfDelegation(target: u32): i64 {
  const code = accountAt(target).code;
  if (code == 0 || !Rules.hasDelegations || codeAt(code).isDelegation == 0) return 0;
  // `codeOf` has seen to it that it is there.
  return warmAccount(findAccount(delegateAt(code))) ? 2600 : 100;
}

function notBegun(frame: Frame, given: i64, status: u32, outputAt: u32, outputLength: u32): i32 {
  traceLeave(status, 0, 0, 0);
  frame.gas += given;
  frame.sp += 32;
  setLimb(frame.sp, 0);
  if (Cheats.isOn) judgeCall(frame, status, outputAt, outputLength);
  return CONTINUE;
}

/** Ends a call that ran no code of the EVM; `left` is its gas, less than zero if it failed. */
function end(frame: Frame, left: i64, given: i64, outputAt: u32, outputLength: u32): i32 {
  const isGood = left >= 0;
  if (!isGood) keepReturned(0, 0);
  traceLeave(
    isGood ? SUCCESS : PRECOMPILE_FAILED,
    isGood ? given - left : given,
    returned.start,
    ReturnData.length,
  );
  if (isGood) frame.gas += left;
  frame.sp += 32;
  setLimb(frame.sp, isGood ? 1 : 0);
  const bytes = min<u32>(ReturnData.length, outputLength);
  if (bytes > 0) memory.copy(memoryStart(frame) + outputAt, returned.start, bytes);
  if (Cheats.isOn) judgeCall(frame, isGood ? SUCCESS : PRECOMPILE_FAILED, outputAt, outputLength);
  return CONTINUE;
}
