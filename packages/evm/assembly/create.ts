import {
  accountAt,
  addressAt,
  balanceAt,
  EXISTS,
  needAccount,
  NO_ACCOUNT,
  rememberLife,
  setNonce,
  STORAGE_COMPLETE,
  warmAccount,
} from "./Accounts";
import { Cheats } from "./Cheats";
import { putCode } from "./Code";
import { fail } from "./copy";
import { decode } from "./decode";
import { depth, Frame, memoryStart, MOST_DEPTH, nextFrame, ReturnData, valueOf } from "./Frame";
import { judgeCall } from "./expectRevert";
import { flows } from "./Hooks";
import { journal } from "./Journal";
import { keccak256 } from "./keccak";
import { logs } from "./Log";
import { chargeWords, reach } from "./memory";
import { senderOf, setOrigin, usePrank } from "./prank";
import { Run } from "./Run";
import {
  ADDRESS_COLLISION,
  BALANCE_TOO_LOW,
  CONTINUE,
  DEPTH_EXCEEDED,
  ENTER,
  FAULT,
  INIT_CODE_TOO_LARGE,
  MISS,
  NONCE_OVERFLOW,
  OUT_OF_GAS,
  SUCCESS,
  WRITE_PROTECTION,
} from "./status";
import { traceEnter, traceLeave } from "./Trace";
import { transfer } from "./transfer";
import { copyWord, isZeroWord, loadBigEndian, setLimb, storeBigEndian } from "./word";
import { isAtLeast, isWide } from "./words";

export const CREATE_KIND: u32 = 4;
export const CREATE2_KIND: u32 = 5;
/** EIP-3860. */
const MOST_INIT_CODE: u32 = 49_152;
const INSTRUCTION: usize = 16;

const preimage: usize = memory.data(96, 16);
const hash: usize = memory.data(32, 16);
const created: usize = memory.data(32, 16);

/** CREATE and CREATE2: up to the begin of the new contract's frame, or to the end where none begins. */
export function beginCreate(frame: Frame, kind: u32): i32 {
  const sp = frame.sp;
  if (frame.isStatic != 0) return fail(WRITE_PROTECTION);
  if (isWide(sp - 64)) return fail(OUT_OF_GAS);
  const length = load<u32>(sp - 64);
  if (length > MOST_INIT_CODE) return fail(INIT_CODE_TOO_LARGE);
  // Taken back if the account turns out to be missing: then the operation begins again.
  const gasBefore = frame.gas;
  const sizeBefore = frame.memorySize;
  const isPaid = reach(frame, sp - 32, sp - 64) && chargeWords(frame, sp - 64, kind == CREATE2_KIND ? 8 : 2);
  if (!isPaid) return fail(OUT_OF_GAS);
  const code = memoryStart(frame) + (length == 0 ? 0 : load<u32>(sp - 32));
  const from = Cheats.isOn ? senderOf(frame, kind) : frame.self;
  if (kind == CREATE_KIND) addressByNonce(addressAt(from), accountAt(from).nonce, created);
  else addressBySalt(addressAt(from), sp - 96, code, length, created);
  const target = needAccount(created);
  if (target == NO_ACCOUNT) {
    frame.gas = gasBefore;
    frame.memorySize = sizeBefore;
    return MISS;
  }
  const given = frame.gas - frame.gas / 64;
  frame.gas -= given;
  frame.sp = kind == CREATE2_KIND ? sp - 128 : sp - 96;
  ReturnData.length = 0;
  const origin = Cheats.isOn ? usePrank(frame, kind) : 0;
  traceEnter(kind, addressAt(from), created, sp, given, code, length);
  if (depth() >= MOST_DEPTH) return notBegun(frame, given, DEPTH_EXCEEDED);
  if (!isAtLeast(balanceAt(from), sp)) return notBegun(frame, given, BALANCE_TOO_LOW);
  if (accountAt(from).nonce == <u64>-1) return notBegun(frame, given, NONCE_OVERFLOW);
  setNonce(from, accountAt(from).nonce + 1);
  warmAccount(target);
  if (isTaken(target)) {
    traceLeave(ADDRESS_COLLISION, given, 0, 0);
    frame.sp += 32;
    setLimb(frame.sp, 0);
    if (Cheats.isOn) judgeCall(frame, ADDRESS_COLLISION, 0, 0);
    return CONTINUE;
  }
  const mark = journal.length;
  const flowMark = flows.length;
  bear(target);
  transfer(from, target, sp);
  const init = putCode(code, length, hash);
  if (length == 0) {
    traceLeave(SUCCESS, 0, 0, 0);
    frame.gas += given;
    frame.sp += 32;
    copyWord(frame.sp, addressAt(target));
    if (Cheats.isOn) judgeCall(frame, SUCCESS, 0, 0);
    return CONTINUE;
  }
  const instructions = init == 0 ? 0 : decode(init);
  if (instructions == 0) return FAULT;
  frame.ip += INSTRUCTION;
  const child = nextFrame(frame);
  child.kind = kind;
  child.code = init;
  child.ip = instructions;
  child.self = target;
  child.caller = from;
  copyWord(valueOf(child), sp);
  child.gas = given;
  child.gasAtStart = given;
  child.journalMark = mark;
  child.logMark = logs.length;
  child.flowMark = flowMark;
  child.refundMark = Run.refund;
  if (Cheats.isOn) setOrigin(child, origin);
  return ENTER;
}

/** EIP-684 and EIP-7610: no contract begins where something is. */
export function isTaken(account: u32): bool {
  const there = accountAt(account);
  return there.nonce != 0 || there.code != 0 || there.filledSlots != 0;
}

/** Makes the account a new contract, with nonce 1 and no storage. */
export function bear(account: u32): void {
  rememberLife(account);
  accountAt(account).flags |= EXISTS | STORAGE_COMPLETE;
  accountAt(account).createdIn = Run.id;
  setNonce(account, 1);
}

function notBegun(frame: Frame, given: i64, status: u32): i32 {
  traceLeave(status, 0, 0, 0);
  frame.gas += given;
  frame.sp += 32;
  setLimb(frame.sp, 0);
  if (Cheats.isOn) judgeCall(frame, status, 0, 0);
  return CONTINUE;
}

/** keccak256(rlp([creator, nonce])), its last 20 bytes as a word. */
export function addressByNonce(creator: usize, nonce: u64, out: usize): void {
  storeBigEndian(preimage + 32, creator);
  memory.copy(preimage + 2, preimage + 44, 20);
  store<u8>(preimage, 0x94, 1);
  let end = preimage + 22;
  if (nonce == 0) store<u8>(end++, 0x80);
  else if (nonce < 0x80) store<u8>(end++, <u8>nonce);
  else {
    const bytes = 8 - (<u32>clz<u64>(nonce) >> 3);
    store<u8>(end++, <u8>(0x80 + bytes));
    for (let i: i32 = <i32>bytes - 1; i >= 0; i--) store<u8>(end++, <u8>(nonce >> (<u64>i * 8)));
  }
  store<u8>(preimage, <u8>(0xc0 + (end - preimage - 1)));
  keccak256(preimage, <u32>(end - preimage), hash);
  toAddress(hash, out);
}

/** keccak256(0xff ++ creator ++ salt ++ keccak256(init code)), its last 20 bytes as a word (EIP-1014). */
function addressBySalt(creator: usize, salt: usize, code: usize, length: u32, out: usize): void {
  keccak256(code, length, hash);
  storeBigEndian(preimage, creator);
  // 0xff stands where the address begins, one byte before it.
  const start = preimage + 11;
  store<u8>(start, 0xff);
  storeBigEndian(preimage + 32, salt);
  memory.copy(preimage + 64, hash, 32);
  keccak256(start, 85, hash);
  toAddress(hash, out);
}

function toAddress(from: usize, out: usize): void {
  loadBigEndian(out, from);
  store<u64>(out, load<u64>(out, 16) & 0xffffffff, 16);
  store<u64>(out, 0, 24);
}
