// Calls of the cheat codes' address and of the console's, which run here and in no frame.
import { accountAt, addressAt, balanceAt, findAccount, needAccount, NO_ACCOUNT, rememberBalance } from "./Accounts";
import { blockWords, NUMBER, TIMESTAMP } from "./Block";
import { Cheats, consoleCalls, labels, note } from "./Cheats";
import { complain, complaint, expect } from "./expectRevert";
import { depth, dropFrame, Frame, frameAt, keepReturned, memoryStart, ReturnData, returned } from "./Frame";
import { flows } from "./Hooks";
import { BLOCK_WORD, rememberWord } from "./Journal";
import { logs } from "./Log";
import { PRANK_ONGOING, PRANK_UNUSED, setPrank, stopPrank } from "./prank";
import { rollback } from "./rollback";
import { Run } from "./Run";
import { ASSUMPTION_FAILED, CONTINUE, DONE, FAULT, REVERTED, SUCCESS } from "./status";
import { traceLeave } from "./Trace";
import { copyWord, isZeroWord, loadBigEndian, setLimb } from "./word";
import { isWide } from "./words";

const CALL_KIND: u32 = 0;
const STATICCALL_KIND: u32 = 3;

const PRANK: u32 = 0xca669fa7;
const PRANK_WITH_ORIGIN: u32 = 0x47e50cce;
const START_PRANK: u32 = 0x06447d56;
const START_PRANK_WITH_ORIGIN: u32 = 0x45b56078;
const STOP_PRANK: u32 = 0x90c5013b;
const WARP: u32 = 0xe5d6bf02;
const ROLL: u32 = 0x1f7b4f30;
const DEAL: u32 = 0xc88a5e6d;
const ASSUME: u32 = 0x4c63e562;
const EXPECT_REVERT: u32 = 0xf4844814;
const EXPECT_REVERT_SELECTOR: u32 = 0xc31eb0e0;
const EXPECT_REVERT_BYTES: u32 = 0xf28dceb3;
const LABEL: u32 = 0xc657c718;

const first: usize = memory.data(32, 16);
const second: usize = memory.data(32, 16);
const bytes: usize = memory.data(32, 16);

/** True if a call of this kind to the account is one of ours. Whoever delegates to it gets its code, which fails. */
export function isCheat(target: u32, kind: u32): bool {
  return (target == Cheats.vm || target == Cheats.console) && (kind == CALL_KIND || kind == STATICCALL_KIND);
}

/** False if an account that the call names must be loaded first. The offset and length of its input are words. */
export function isCheatReady(frame: Frame, target: u32, offset: usize, length: usize): bool {
  if (target != Cheats.vm || isWide(offset) || isWide(length) || load<u32>(length) < 36) return true;
  const from = load<u32>(offset);
  const size = load<u32>(length);
  readMemory(frame, from, 4);
  const addresses = addressesOf(bswap<u32>(load<u32>(bytes)));
  for (let i: u32 = 0; i < addresses && size >= 36 + i * 32; i++) {
    readMemory(frame, <u64>from + 4 + i * 32, 32);
    loadBigEndian(first, bytes);
    if (needAccount(first) == NO_ACCOUNT) return false;
  }
  return true;
}

/** Reads `length` bytes of the frame's memory at `from`; what it does not reach yet is zero. */
function readMemory(frame: Frame, from: u64, length: u32): void {
  memory.fill(bytes, 0, 32);
  if (from >= frame.memorySize) return;
  memory.copy(bytes, memoryStart(frame) + <usize>from, min<u32>(length, frame.memorySize - <u32>from));
}

function addressesOf(selector: u32): u32 {
  if (selector == PRANK || selector == START_PRANK || selector == DEAL) return 1;
  return selector == PRANK_WITH_ORIGIN || selector == START_PRANK_WITH_ORIGIN ? 2 : 0;
}

/** Runs the call, whose gas and trace have begun. */
export function runCheat(
  frame: Frame,
  target: u32,
  input: usize,
  length: u32,
  given: i64,
  outputAt: u32,
  outputLength: u32,
): i32 {
  let why: string | null = null;
  if (target == Cheats.console) note(consoleCalls, input, length);
  else if (length < 4) why = "call data has no selector";
  else {
    const selector = bswap<u32>(load<u32>(input));
    if (length < 4 + wordsOf(selector) * 32) why = "call data is too short";
    else {
      if (length >= 36) loadBigEndian(first, input + 4);
      if (length >= 68) loadBigEndian(second, input + 36);
      if (selector == ASSUME && isZeroWord(first)) return endRun(frame, given);
      why = runSelected(frame, selector, input, length);
    }
  }
  if (why !== null) complain(why);
  const status = why === null ? SUCCESS : REVERTED;
  if (!keepReturned(complaint.start, status == SUCCESS ? 0 : complaint.length)) return FAULT;
  traceLeave(status, 0, returned.start, ReturnData.length);
  frame.gas += given;
  frame.sp += 32;
  setLimb(frame.sp, status == SUCCESS ? 1 : 0);
  const told = min<u32>(ReturnData.length, outputLength);
  if (told > 0) memory.copy(memoryStart(frame) + outputAt, returned.start, told);
  return CONTINUE;
}

/** Words of arguments that a call has at least. */
function wordsOf(selector: u32): u32 {
  if (selector == STOP_PRANK || selector == EXPECT_REVERT) return 0;
  return selector == PRANK_WITH_ORIGIN || selector == START_PRANK_WITH_ORIGIN || selector == DEAL ? 2 : 1;
}

/** Why it fails, or null. */
function runSelected(frame: Frame, selector: u32, input: usize, length: u32): string | null {
  if (selector == ASSUME) return null;
  if (selector == WARP) return setBlockWord(TIMESTAMP);
  if (selector == ROLL) return setBlockWord(NUMBER);
  if (selector == DEAL) return deal();
  if (selector == PRANK || selector == START_PRANK) return prank(frame, -1, selector == PRANK);
  if (selector == PRANK_WITH_ORIGIN || selector == START_PRANK_WITH_ORIGIN) {
    return prank(frame, findAccount(second), selector == PRANK_WITH_ORIGIN);
  }
  if (selector == STOP_PRANK) {
    stopPrank(frame);
    return null;
  }
  if (selector == LABEL) {
    note(labels, input, length);
    return null;
  }
  if (selector == EXPECT_REVERT) return expectRevert(false, 0, 0);
  if (selector == EXPECT_REVERT_SELECTOR) return expectRevert(true, input + 4, 4);
  if (selector != EXPECT_REVERT_BYTES) return "unknown cheatcode";
  if (isWide(first) || <u64>load<u32>(first) + 36 > length) return "call data is too short";
  const at = input + 4 + load<u32>(first);
  loadBigEndian(second, at);
  const left = length - 36 - load<u32>(first);
  if (isWide(second) || load<u32>(second) > left) return "call data is too short";
  return expectRevert(true, at + 32, load<u32>(second));
}

function setBlockWord(place: usize): string | null {
  rememberWord(BLOCK_WORD, <u32>place, 0, blockWords + place);
  copyWord(blockWords + place, first);
  return null;
}

function deal(): string | null {
  const account = findAccount(first);
  rememberBalance(account);
  copyWord(balanceAt(account), second);
  return null;
}

function prank(frame: Frame, origin: i64, isOnce: bool): string | null {
  const why = setPrank(frame, findAccount(first), origin, isOnce);
  if (why == PRANK_UNUSED) return "cannot overwrite a prank until it is applied at least once";
  if (why == PRANK_ONGOING) {
    return "cannot override an ongoing prank with a single vm.prank; use vm.startPrank to override the current prank";
  }
  return null;
}

function expectRevert(hasReason: bool, reason: usize, length: u32): string | null {
  if (Cheats.expecting != 0) return "you must call another function prior to expecting a second revert";
  expect(hasReason, reason, length);
  return null;
}

/** vm.assume(false): whatever the frames were about, the run is over, and all that it wrote is taken back. */
function endRun(frame: Frame, given: i64): i32 {
  traceLeave(REVERTED, 0, 0, 0);
  frame.gas += given;
  let left: i64 = 0;
  while (true) {
    const top = frameAt(depth());
    left += top.gas;
    traceLeave(REVERTED, top.gasAtStart - top.gas, 0, 0);
    if (depth() == 0) break;
    dropFrame();
  }
  const outermost = frameAt(0);
  rollback(outermost.journalMark);
  logs.length = outermost.logMark;
  flows.length = outermost.flowMark;
  Run.refund = outermost.refundMark;
  outermost.gas = left;
  keepReturned(0, 0);
  Run.status = ASSUMPTION_FAILED;
  return DONE;
}
