import { addressAt, findAccount, NO_ACCOUNT } from "./Accounts";
import { judgeLog } from "./Assertion";
import { fail } from "./copy";
import { Frame, memoryStart } from "./Frame";
import { Hooks, isWatched, recordFlow } from "./Hooks";
import { reach } from "./memory";
import { hasRoom, Region } from "./Region";
import { CONTINUE, FAULT, OUT_OF_GAS, WRITE_PROTECTION } from "./status";
import { traceLog } from "./Trace";
import { copyWord, loadBigEndian, storeBigEndian } from "./word";
import { isWide } from "./words";

/** Logs of the run that stand: 0 size, 4 topics, 8 length of the data, 16 address as a word, 48 topics and data as bytes. */
export const logs: Region = changetype<Region>(memory.data(16, 8));
const HEAD: u32 = 48;

// keccak256("Transfer(address,address,uint256)"), as a word.
const transfer: usize = memory.data(32, 16);
const amount: usize = memory.data(32, 16);
store<u64>(transfer, 0x28f55a4df523b3ef);
store<u64>(transfer, 0x952ba7f163c4a116, 8);
store<u64>(transfer, 0x69c2b068fc378daa, 16);
store<u64>(transfer, 0xddf252ad1be2c89b, 24);

/** LOG0 to LOG4. */
export function writeLog(frame: Frame, topics: u32): i32 {
  if (frame.isStatic != 0) return fail(WRITE_PROTECTION);
  const sp = frame.sp;
  if (isWide(sp - 32)) return fail(OUT_OF_GAS);
  const length = load<u32>(sp - 32);
  frame.gas -= <i64>length * 8;
  if (frame.gas < 0 || !reach(frame, sp, sp - 32)) return fail(OUT_OF_GAS);
  const size = (HEAD + topics * 32 + length + 7) & ~7;
  if (!hasRoom(logs, size)) return FAULT;
  const at = logs.start + logs.length;
  logs.length += size;
  store<u32>(at, size);
  store<u32>(at, topics, 4);
  store<u32>(at, length, 8);
  copyWord(at + 16, addressAt(frame.self));
  for (let i: u32 = 0; i < topics; i++) storeBigEndian(at + HEAD + i * 32, sp - 64 - i * 32);
  if (length > 0) memory.copy(at + HEAD + topics * 32, memoryStart(frame) + load<u32>(sp), length);
  traceLog(at, size);
  if (topics > 0) judgeLog(at + HEAD);
  if (Hooks.flows && topics == 3 && length == 32 && isTransfer(sp - 64)) {
    loadBigEndian(amount, at + HEAD + 96);
    flowOf(frame, sp - 96, sp - 128);
  }
  frame.sp = sp - 64 - topics * 32;
  return CONTINUE;
}

@inline
function isTransfer(topic: usize): bool {
  return memory.compare(topic, transfer, 32) == 0;
}

function flowOf(frame: Frame, from: usize, to: usize): void {
  const sender = findAccount(from);
  const receiver = findAccount(to);
  if ((sender != NO_ACCOUNT && isWatched(sender)) || (receiver != NO_ACCOUNT && isWatched(receiver))) {
    recordFlow(addressAt(frame.self), from, to, amount);
  }
}
