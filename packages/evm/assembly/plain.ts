// A transaction of the plain kind, as most are: a call, by a sender without code, with no lists and no blobs. It is checked, paid
// for and run in one go. Whatever is not sure is left to the host, whose rules say what the fork says and why.
import { accountAt, balanceAt, rememberBalance, setNonce, touch } from "./Accounts";
import { blockWords, GAS_PRICE } from "./Block";
import { codeAt } from "./Code";
import { callData, returned, ReturnData } from "./Frame";
import { Heap } from "./Heap";
import { hasRecords, journal } from "./Journal";
import { enterRun, gasLeft, removeDestroyed, runCall } from "./message";
import { Run } from "./Run";
import { DEPTH_EXCEEDED, DONE, FAULT, REVERTED, SUCCESS, UNSURE } from "./status";
import { mulHigh } from "./wide";
import { addWord, setLimb, setWord, subWord } from "./word";
import { isAtLeast } from "./words";

const TRANSACTION_GAS: u64 = 21_000;
const ZERO_BYTE_GAS: u32 = 4;
const OTHER_BYTE_GAS: u32 = 16;
/** Any nonce is right. */
const ANY_NONCE: u64 = u64.MAX_VALUE;
// EIP-3529: gas given back is at most a fifth of gas used.
const REFUND_DIVISOR: u64 = 5;

/** Gas used (8 bytes), then how it ended, where its output begins and how long that is (4 each). */
const sent: usize = memory.data(24, 16);
const wei: usize = memory.data(32, 16);

/** The transaction that runs, for its end. */
class Plain {
  static from: u32 = 0;
  static coinbase: u32 = 0;
  static mark: u32 = 0;
  static gas: u64 = 0;
  static price: u64 = 0;
  static tip: u64 = 0;
  static floor: u64 = 0;
}

export function sentAt(): usize {
  return sent;
}

/**
 * Runs a transaction whose call data is in its place. Of each unit of gas it pays `price`, `most` at most, and the `tip` of it goes to
 * `coinbase`; a byte of its call data costs `floorPerToken` at least (EIP-7623), 0 for no such rule. UNSURE where it changed nothing;
 * after MISS the host resumes and calls `endPlain`. It never ends with RESTART: code that is unknown or elsewhere is not sure.
 */
export function runPlain(
  from: u32,
  to: u32,
  coinbase: u32,
  value: usize,
  nonce: u64,
  gas: u64,
  price: u64,
  most: u64,
  tip: u64,
  floorPerToken: u32,
  inputLength: u32,
): i32 {
  const account = accountAt(from);
  const code = accountAt(to).code;
  if (account.code != 0 || account.nonce == u64.MAX_VALUE) return UNSURE;
  if (nonce != ANY_NONCE && nonce != account.nonce) return UNSURE;
  if (code != 0 && (codeAt(code).isUnknown | codeAt(code).isDelegation) != 0) return UNSURE;

  const zeros = zerosOf(callData.start, inputLength);
  const others = inputLength - zeros;
  const intrinsic = TRANSACTION_GAS + <u64>zeros * ZERO_BYTE_GAS + <u64>others * OTHER_BYTE_GAS;
  const floor = floorPerToken == 0 ? 0 : TRANSACTION_GAS + <u64>floorPerToken * (<u64>zeros + 4 * <u64>others);
  if (gas < max<u64>(intrinsic, floor)) return UNSURE;
  setProduct(gas, most);
  addWord(wei, wei, value);
  if (!isAtLeast(wei, value) || !isAtLeast(balanceAt(from), wei)) return UNSURE;

  Plain.from = from;
  Plain.coinbase = coinbase;
  Plain.mark = journal.length;
  Plain.gas = gas;
  Plain.price = price;
  Plain.tip = tip;
  Plain.floor = floor;
  setLimb(blockWords + GAS_PRICE, price);
  enterRun(from, to, coinbase, 0);
  if (!hasRecords(2)) return FAULT;
  setProduct(gas, price);
  rememberBalance(from);
  subWord(balanceAt(from), balanceAt(from), wei);
  setNonce(from, account.nonce + 1);
  const result = runCall(from, to, value, gas - intrinsic, inputLength, false);
  return result == DONE ? endPlain() : result;
}

/** Gives back what is left, and pays for what is used. DONE or FAULT. */
export function endPlain(): i32 {
  const status = Run.status;
  const keepsGas = status == SUCCESS || status == REVERTED || status >= DEPTH_EXCEEDED;
  const spent = Plain.gas - (keepsGas ? <u64>gasLeft() : 0);
  const refund = min<i64>(Run.refund, spent / REFUND_DIVISOR);
  const used = max<u64>(spent - refund, Plain.floor);
  if (!hasRecords(3)) return FAULT;
  pay(Plain.from, Plain.gas - used, Plain.price);
  touch(Plain.coinbase);
  pay(Plain.coinbase, used, Plain.tip);
  removeDestroyed(Plain.mark);
  if (Heap.isExhausted) return FAULT;
  store<u64>(sent, used);
  store<u32>(sent, status, 8);
  store<u32>(sent, <u32>returned.start, 12);
  store<u32>(sent, ReturnData.length, 16);
  return DONE;
}

function pay(account: u32, gas: u64, price: u64): void {
  setProduct(gas, price);
  rememberBalance(account);
  addWord(balanceAt(account), balanceAt(account), wei);
}

function setProduct(gas: u64, price: u64): void {
  setWord(wei, gas * price, mulHigh(gas, price), 0, 0);
}

function zerosOf(bytes: usize, length: u32): u32 {
  let zeros: u32 = 0;
  for (let i: u32 = 0; i < length; i++) zeros += u32(load<u8>(bytes + i) == 0);
  return zeros;
}
