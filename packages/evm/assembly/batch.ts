// Calls in a row, in one crossing from the host: at a microsecond each, the way over the border would cost as much.
import { addressAt, warmAccount } from "./Accounts";
import { blockWords, ORIGIN } from "./Block";
import { ReturnData, returned } from "./Frame";
import { beginRecords, comparisons, forgetRecords, Hooks } from "./Hooks";
import { journal } from "./Journal";
import { beginRun, gasLeft, removeDestroyed, reserveRun, runCallWith } from "./message";
import { hasRoom, Region } from "./Region";
import { rollback } from "./rollback";
import { Run } from "./Run";
import { DONE } from "./status";
import { copyWord } from "./word";

/** 0 flags, 4 from, 8 to, 12 call data (from the end of all calls on), 16 its length, 24 gas, 32 value; addresses are indices. */
const CALL: u32 = 64;
/** 0 status, 4 output's place among the outputs, 8 its length, 12 blocks and edges found, 16 gas used. */
const RESULT: u32 = 24;
/** After this call everything since the batch began is taken back. */
const TAKE_BACK_ALL: u32 = 1;
/** After this call what it wrote is taken back. */
const TAKE_BACK: u32 = 2;
const STATIC: u32 = 4;
/** The host wants the output. */
const OUTPUT: u32 = 8;

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

/** Runs the calls; how many were run to their end. Where it is fewer than all, the next one misses state or memory. */
export function runBatch(count: u32): u32 {
  const mark = journal.length;
  batchOutputs.length = 0;
  Batch.inputs = batchCalls.start + count * CALL;
  forgetRecords();
  for (let i: u32 = 0; i < count; i++) {
    const call = batchCalls.start + i * CALL;
    const flags = load<u32>(call);
    const before = journal.length;
    if (!runOne(call, batchResults.start + i * RESULT, flags)) {
      rollback(before);
      return i;
    }
    if ((flags & TAKE_BACK) != 0) rollback(before);
    if ((flags & TAKE_BACK_ALL) != 0) rollback(mark);
  }
  return count;
}

function runOne(call: usize, result: usize, flags: u32): bool {
  const from = load<u32>(call, 4);
  const to = load<u32>(call, 8);
  const gas = load<i64>(call, 24);
  const found = Hooks.found;
  const before = journal.length;
  const compared = comparisons.length;
  beginRun();
  beginRecords();
  copyWord(blockWords + ORIGIN, addressAt(from));
  warmAccount(from);
  warmAccount(to);
  warmAccount(Batch.coinbase);
  const input = Batch.inputs + load<u32>(call, 12);
  if (runCallWith(from, to, call + 32, gas, input, load<u32>(call, 16), (flags & STATIC) != 0) != DONE) return false;
  if (!removeDestroyed(before)) return false;
  // Of a call that went where others had been nobody wants the operands: so those of a whole batch find room.
  if (Hooks.found == found) comparisons.length = compared;
  store<u32>(result, Run.status);
  store<u32>(result, Hooks.found - found, 12);
  store<i64>(result, gas - gasLeft(), 16);
  store<u32>(result, 0, 4);
  store<u32>(result, ReturnData.length, 8);
  if ((flags & OUTPUT) == 0 || ReturnData.length == 0) return true;
  if (!hasRoom(batchOutputs, ReturnData.length)) return false;
  store<u32>(result, batchOutputs.length, 4);
  memory.copy(batchOutputs.start + batchOutputs.length, returned.start, ReturnData.length);
  batchOutputs.length += ReturnData.length;
  return true;
}

export function batchResultsStart(): usize {
  return batchResults.start;
}
export function batchOutputsStart(): usize {
  return batchOutputs.start;
}
