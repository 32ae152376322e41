// Calls in a row, in one crossing from the host: at a microsecond each, the way over the border would cost as much.
import { balanceAt, codeHashAt } from "./Accounts";
import { Blobs } from "./Blobs";
import { blockWords, GAS_PRICE, NUMBER, TIMESTAMP } from "./Block";
import { labels } from "./Cheats";
import { ReturnData, returned } from "./Frame";
import { beginRecords, comparisons, forgetRecords, Hooks, keepEdges, restoreEdges } from "./Hooks";
import { BALANCE, BLOCK_WORD, CODE, journal, Record, RECORD, rememberWord, SLOT } from "./Journal";
import { enterNext, gasLeft, removeDestroyed, reserveRun, runCallWith } from "./message";
import { hasRoom, Region } from "./Region";
import { rollback } from "./rollback";
import { Run } from "./Run";
import { valueAt } from "./Slots";
import { DONE } from "./status";
import { addSmall, zeroWord } from "./words";

/**
 * 0 flags, 4 from, 8 to, 12 call data (from the end of all calls on), 16 its length, 20 seconds that pass before it, 24 gas,
 * 32 value; addresses are indices.
 */
const CALL: u32 = 64;
/**
 * 0 status, 4 output's place among the outputs, 8 its length, 12 blocks and edges found, 16 gas used, 24 begin and 28 end of its
 * comparisons, 32 assertions that failed, 40 fingerprint of what it changed.
 */
const RESULT: u32 = 48;
/** After this call everything since the batch began is taken back. */
const TAKE_BACK_ALL: u32 = 1;
/** After this call what it wrote is taken back. */
const TAKE_BACK: u32 = 2;
const STATIC: u32 = 4;
/** The host wants the output. */
const OUTPUT: u32 = 8;
/** The host wants the comparisons, whether or not anything new ran. */
const COMPARISONS: u32 = 16;
/** The host wants no comparisons at all. */
const NO_COMPARISONS: u32 = 32;
/** Seconds for which another block is counted. */
const BLOCK_SECONDS: u32 = 12;

export const batchCalls: Region = changetype<Region>(memory.data(16, 8));
export const batchResults: Region = changetype<Region>(memory.data(16, 8));
export const batchOutputs: Region = changetype<Region>(memory.data(16, 8));

class Batch {
  static coinbase: u32 = 0;
  static inputs: usize = 0;
}

/** Room for `count` calls and `bytes` of call data behind them, or 0 if memory is exhausted. */
export function roomForBatch(count: u32, bytes: u32, coinbase: u32): usize {
  Batch.coinbase = coinbase;
  batchCalls.length = 0;
  batchResults.length = 0;
  if (!hasRoom(batchCalls, <u64>count * CALL + bytes) || !hasRoom(batchResults, <u64>count * RESULT)) return 0;
  batchCalls.length = count * CALL + bytes;
  batchResults.length = count * RESULT;
  return reserveRun() ? batchCalls.start : 0;
}

/** Runs the calls; how many were run to their end. Where it is fewer than all, the next one misses state or memory, and what it found is told. */
export function runBatch(count: u32): u32 {
  const mark = journal.length;
  batchOutputs.length = 0;
  Batch.inputs = batchCalls.start + count * CALL;
  forgetRecords();
  // As for a message by itself: what the last transaction paid and carried is none of theirs.
  zeroWord(blockWords + GAS_PRICE);
  Blobs.count = 0;
  Hooks.isComparing = false;
  let done: u32 = 0;
  for (; done < count; done++) {
    const call = batchCalls.start + done * CALL;
    const flags = load<u32>(call);
    const before = journal.length;
    if (!runOne(call, batchResults.start + done * RESULT, flags)) {
      rollback(before);
      break;
    }
    if ((flags & TAKE_BACK) != 0) rollback(before);
    if ((flags & TAKE_BACK_ALL) != 0) rollback(mark);
  }
  Hooks.isComparing = Hooks.comparisons;
  return done;
}

function runOne(call: usize, result: usize, flags: u32): bool {
  const before = journal.length;
  const foundBefore = Hooks.found;
  const failedBefore = Hooks.failed;
  const compared = comparisons.length;
  Hooks.isComparing = Hooks.comparisons && (flags & COMPARISONS) != 0;
  const isDone = runCallOf(call, flags);
  const isCompared = Hooks.isComparing;
  Hooks.isComparing = false;
  const found = Hooks.found - foundBefore;
  store<u32>(result, found, 12);
  if (!isDone) return false;
  const failed = Hooks.failed - failedBefore;
  const wantsOperands = found > 0 && Hooks.comparisons && !isCompared && (flags & NO_COMPARISONS) == 0;
  if (wantsOperands && !compareAgain(call, flags, before)) return false;
  store<u32>(result, compared, 24);
  store<u32>(result, comparisons.length, 28);
  store<u32>(result, failed, 32);
  store<u64>(result, fingerprintSince(before), 40);
  store<u32>(result, Run.status);
  store<i64>(result, load<i64>(call, 24) - gasLeft(), 16);
  store<u32>(result, 0, 4);
  store<u32>(result, ReturnData.length, 8);
  if ((flags & OUTPUT) == 0 || ReturnData.length == 0) return true;
  if (!hasRoom(batchOutputs, ReturnData.length)) return false;
  store<u32>(result, batchOutputs.length, 4);
  memory.copy(batchOutputs.start + batchOutputs.length, returned.start, ReturnData.length);
  batchOutputs.length += ReturnData.length;
  return true;
}

/** Later blocks, at one every twelve seconds; a rollback takes them back. */
function passTime(seconds: u32): void {
  if (seconds == 0) return;
  rememberWord(BLOCK_WORD, <u32>TIMESTAMP, 0, blockWords + TIMESTAMP);
  addSmall(blockWords + TIMESTAMP, seconds);
  rememberWord(BLOCK_WORD, <u32>NUMBER, 0, blockWords + NUMBER);
  addSmall(blockWords + NUMBER, (seconds + BLOCK_SECONDS - 1) / BLOCK_SECONDS);
}

/** A number for the storage, balances and codes that were changed since the journal was `mark` bytes long; 0 where none was. */
function fingerprintSince(mark: u32): u64 {
  let sum: u64 = 0;
  for (let at = mark; at < journal.length; at += RECORD) {
    const record = changetype<Record>(journal.start + at);
    const kind = record.kind;
    if (kind == SLOT) sum += mixWord(valueAt(record.index), kind, record.index);
    else if (kind == BALANCE) sum += mixWord(balanceAt(record.index), kind, record.index);
    else if (kind == CODE) sum += mixWord(codeHashAt(record.index), kind, record.index);
  }
  return sum;
}

@inline
function mixWord(word: usize, kind: u32, index: u32): u64 {
  let h = (((<u64>index) << 8) | kind) * 0x9e3779b97f4a7c15;
  for (let i = 0; i < 32; i += 8) h = (h ^ (h >> 31) ^ load<u64>(word + i)) * 0xd6e8feb86659fd93;
  return h ^ (h >> 32);
}

function runCallOf(call: usize, flags: u32): bool {
  const from = load<u32>(call, 4);
  const to = load<u32>(call, 8);
  const gas = load<i64>(call, 24);
  const input = Batch.inputs + load<u32>(call, 12);
  passTime(load<u32>(call, 20));
  const before = journal.length;
  enterNext(from, to, Batch.coinbase);
  beginRecords();
  if (runCallWith(from, to, call + 32, gas, input, load<u32>(call, 16), (flags & STATIC) != 0) != DONE) return false;
  return removeDestroyed(before);
}

/**
 * Runs a call once more, for the operands of its comparisons: of calls that go where others have been, which are nearly all, nobody
 * wants them, and to record them costs up to a tenth of a run. Whatever else a run leaves is that of the first.
 */
function compareAgain(call: usize, flags: u32, before: u32): bool {
  rollback(before);
  keepEdges();
  const found = Hooks.found;
  const failed = Hooks.failed;
  const labelled = labels.length;
  Hooks.isComparing = true;
  const isDone = runCallOf(call, flags);
  Hooks.isComparing = false;
  Hooks.found = found;
  Hooks.failed = failed;
  labels.length = labelled;
  restoreEdges();
  return isDone;
}

export function batchResultsStart(): usize {
  return batchResults.start;
}
export function batchOutputsStart(): usize {
  return batchOutputs.start;
}
