// What the host may call. Words are four 64-bit limbs, lowest first, in linear memory; `words` is the place to pass them.
// After anything that may have grown memory, views of it are void.
import {
  accountAt,
  accounts,
  accountCount,
  balanceAt,
  clearCode as clearCodeOf,
  codeHashAt,
  EXISTS,
  findAccount as findAccountAt,
  forgetAccounts,
  GIVEN,
  isEmpty as isEmptyAccount,
  LOADED,
  NO_ACCOUNT,
  putAccount,
  rememberBalance,
  setCode as setCodeOf,
  setNonce as setNonceOf,
  STORAGE_COMPLETE,
  touch as touchAccount,
  warmAccount,
  WATCHED,
} from "./Accounts";
import { Blobs } from "./Blobs";
import { blockWords as blockPlace, forgetBlockHashes, putBlockHash as keepBlockHash } from "./Block";
import { Cheats, consoleCalls, labels } from "./Cheats";
import { codeAt, codeCount as countCodes, forgetDecoded, putCode, putUnknownCode } from "./Code";
import { addressByNonce as addressOfCreation } from "./create";
import { addAssertionTopic as addTopic } from "./Assertion";
import { reserveStacks, returned, ReturnData } from "./Frame";
import { Heap } from "./Heap";
import { callEdges, clearEdges, comparisons, edgeMap, flows, Hooks, storageUses } from "./Hooks";
import { hasRecords, journal } from "./Journal";
import { logs } from "./Log";
import { hasRoom, Region } from "./Region";
import { Rules } from "./Rules";
import { missWords as missPlace, Run } from "./Run";
import { forgetSlots, isZeroAt, NO_SLOT, putSlot, setSlot, slotAt, SLOT_GIVEN, slotCount, slots, valueAt, countFilled, warmSlot, findSlot } from "./Slots";
import { trace } from "./Trace";
import { addWord, copyWord, subWord } from "./word";

export { abandonRun } from "./abandonRun";
export { batchOutputsStart, batchResultsStart, roomForBatch, runBatch } from "./batch";
export { missKind } from "./Run";
export { interpret as resume } from "./generated/interpret";
export { enterRun, enterWithin, gasLeft, removeDestroyed, roomForInput, runCall, runCreation } from "./message";
export { awaitMoment, awaitNone } from "./Moment";
export { endPlain, runPlain, sentAt } from "./plain";
export { roomForOutput } from "./precompile";
export { advance, rewind, rollback } from "./rollback";
export { setSalt } from "./Salt";
export { tidy } from "./tidy";

const place: usize = memory.data(32 * 32, 16);
const upload: Region = changetype<Region>(memory.data(16, 8));
const hash: usize = memory.data(32, 16);

/** Room for 32 words. */
export function words(): usize {
  return place;
}
export function blockWords(): usize {
  return blockPlace;
}
export function missWords(): usize {
  return missPlace;
}
export function edges(): usize {
  return edgeMap;
}
export function blobHashes(): usize {
  return Blobs.hashes;
}

/** Room for `length` bytes on their way in, or 0 if memory is exhausted. */
export function roomFor(length: u32): usize {
  upload.length = 0;
  return hasRoom(upload, length + 1) ? upload.start : 0;
}

export function setRules(
  lastPrecompile: u32,
  farPrecompile: u32,
  hasDelegations: bool,
  hasLeadingZeros: bool,
): void {
  // It is written into the code where it is decoded.
  if (Rules.hasLeadingZeros != hasLeadingZeros) forgetDecoded();
  Rules.lastPrecompile = lastPrecompile;
  Rules.farPrecompile = farPrecompile;
  Rules.hasDelegations = hasDelegations;
  Rules.hasLeadingZeros = hasLeadingZeros;
}
export function setHooks(
  edges: bool,
  comparisons: bool,
  storage: bool,
  flows: bool,
  calls: bool,
  trace: bool,
  assertions: bool,
): void {
  // Coverage begins anew: with other hooks other things count as found.
  if (Hooks.edges != edges || Hooks.comparisons != comparisons) forgetDecoded();
  Hooks.edges = edges;
  Hooks.comparisons = comparisons;
  Hooks.isComparing = comparisons;
  Hooks.storage = storage;
  Hooks.flows = flows;
  Hooks.calls = calls;
  Hooks.trace = trace;
  Hooks.assertions = assertions;
}
/** An event whose topic stands, as bytes, where a word comes in stands for a failed assertion; false beyond the eighth. */
export function addAssertionTopic(): bool {
  return addTopic(place);
}
/** No block and no edge has run. Not while a run waits: its frames point into decoded code. */
export function clearCoverage(): void {
  forgetDecoded();
  clearEdges();
}
/** Lets two accounts stand for the cheat codes and the console. */
export function setCheats(vm: u32, console: u32): void {
  Cheats.isOn = true;
  Cheats.vm = vm;
  Cheats.console = console;
}
/** Bytes of blocks that somebody has: what the limit is for, without the stacks and what a module has from the begin. */
export function bytesInUse(): u64 {
  return Heap.inUse;
}
/** Before all else: the stacks lie below whatever the limit is for. */
export function setLimit(bytes: u32): void {
  Heap.limit = bytes;
  reserveStacks();
}
export function setWorldComplete(isComplete: bool): void {
  Run.isWorldComplete = isComplete;
}
export function putBlockHash(number: u64): void {
  keepBlockHash(number, place);
}

/** Forgets all state. Code stays: it is known by its hash. */
export function reset(): void {
  forgetAccounts();
  forgetSlots();
  forgetBlockHashes();
  journal.length = 0;
}

/** The address, as the second word, of what the account in the first creates with this nonce. */
export function addressByNonce(nonce: u64): void {
  addressOfCreation(place, nonce, place + 32);
}

/* STATE THAT A RUN BEGINS WITH */

/**
 * Puts an account as it was: address and balance as the first two words, `codeLength` bytes of code where `roomFor` said. One
 * that is given stays, whatever memory is wanted for. Its index, or -1 if memory is exhausted.
 */
export function loadAccount(
  nonce: u64,
  codeLength: u32,
  doesExist: bool,
  isStorageComplete: bool,
  isGiven: bool,
): u32 {
  const index = putAccount(place);
  if (index == NO_ACCOUNT) return NO_ACCOUNT;
  const code = putCode(upload.start, codeLength, hash);
  if (code == 0 && codeLength > 0) return NO_ACCOUNT;
  const account = accountAt(index);
  copyWord(balanceAt(index), place + 32);
  copyWord(codeHashAt(index), hash);
  account.nonce = nonce;
  account.code = code;
  account.flags |=
    LOADED | (doesExist ? EXISTS : 0) | (isStorageComplete ? STORAGE_COMPLETE : 0) | (isGiven ? GIVEN : 0);
  return index;
}

/** Puts code of which only the hash is known, 32 bytes at the third word, in the place of the account's. False if memory is exhausted. */
export function loadUnknownCode(index: u32): bool {
  const code = putUnknownCode(place + 64);
  if (code == 0) return false;
  memory.copy(codeHashAt(index), place + 64, 32);
  accountAt(index).code = code;
  return true;
}

/** Gives the code at `roomFor` to whatever has its hash. False if memory is exhausted. */
export function learnCode(length: u32): bool {
  return putCode(upload.start, length, hash) != 0;
}

/** Puts a slot as it was: key and value as the first two words. Its index, or -1. */
export function loadSlot(account: u32, isGiven: bool): u32 {
  const index = putSlot(account, place);
  if (index == NO_SLOT) return index;
  countFilled(account, isZeroAt(valueAt(index)), isZeroAt(place + 32));
  copyWord(valueAt(index), place + 32);
  slotAt(index).isLoaded = 1;
  if (isGiven) slotAt(index).kept = SLOT_GIVEN;
  return index;
}

/** Index of the account whose address is the first word; -1 if it was never loaded. */
export function findAccount(): u32 {
  const index = findAccountAt(place);
  return index != NO_ACCOUNT && (accountAt(index).flags & LOADED) != 0 ? index : NO_ACCOUNT;
}
/** Watches the address in the first word, or no more; what stands there is not asked for. False if memory is exhausted. */
export function watch(isWatched: bool): bool {
  const index = putAccount(place);
  if (index == NO_ACCOUNT) return false;
  const flags = accountAt(index).flags;
  accountAt(index).flags = isWatched ? flags | WATCHED : flags & ~WATCHED;
  return true;
}
/** The same, and if it was never seen it begins empty where everything is known. -1 if it must be loaded, or memory is exhausted. */
export function seeAccount(): u32 {
  const index = findAccountAt(place);
  if (index != NO_ACCOUNT && (accountAt(index).flags & LOADED) != 0) return index;
  if (!Run.isWorldComplete) return NO_ACCOUNT;
  const put = putAccount(place);
  if (put != NO_ACCOUNT) accountAt(put).flags |= LOADED | STORAGE_COMPLETE;
  return put;
}
export function findSlotOf(account: u32): u32 {
  return findSlot(account, place);
}
export function accountsStart(): usize {
  return accounts.start;
}
export function slotsStart(): usize {
  return slots.start;
}
export function accountsSeen(): u32 {
  return accountCount();
}
export function slotsSeen(): u32 {
  return slotCount();
}
export function isEmpty(account: u32): bool {
  return isEmptyAccount(account);
}

/** True if the code of the account is there, or it has none. */
export function isCodeKnown(account: u32): bool {
  const code = accountAt(account).code;
  return code == 0 || codeAt(code).isUnknown == 0;
}
/** True if slots of the account that are not known are zero. */
export function isStorageComplete(account: u32): bool {
  return (accountAt(account).flags & STORAGE_COMPLETE) != 0;
}

/* CHANGES, WHICH A ROLLBACK TAKES BACK */

export function snapshot(): u32 {
  return journal.length;
}
// Where memory is exhausted they change nothing and say so; around a run `isExhausted` tells it too.
export function setNonce(account: u32, nonce: u64): bool {
  if (!hasRecords(1)) return false;
  setNonceOf(account, nonce);
  return true;
}
/** Adds the first word to the balance. */
export function credit(account: u32): bool {
  if (!hasRecords(1)) return false;
  rememberBalance(account);
  addWord(balanceAt(account), balanceAt(account), place);
  return true;
}
/** Takes the first word from the balance; the caller has checked that it is there. */
export function debit(account: u32): bool {
  if (!hasRecords(1)) return false;
  rememberBalance(account);
  subWord(balanceAt(account), balanceAt(account), place);
  return true;
}
/** Stores the second word under the first. */
export function setStorage(account: u32): bool {
  const index = putSlot(account, place);
  if (index == NO_SLOT || !hasRecords(1)) return false;
  slotAt(index).isLoaded = 1;
  setSlot(index, place + 32);
  return true;
}
/** Gives the account the code at `roomFor`; none if `length` is 0. */
export function setCode(account: u32, length: u32): bool {
  if (!hasRecords(1)) return false;
  if (length == 0) {
    clearCodeOf(account);
    return true;
  }
  const code = putCode(upload.start, length, hash);
  if (code == 0) return false;
  setCodeOf(account, code, hash);
  return true;
}
export function touch(account: u32): bool {
  if (!hasRecords(1)) return false;
  touchAccount(account);
  return true;
}
export function warm(account: u32): bool {
  if (!hasRecords(1)) return false;
  warmAccount(account);
  return true;
}
/** Marks the slot whose key is the first word; its value may be unknown yet. */
export function warmKey(account: u32): bool {
  const index = putSlot(account, place);
  if (index == NO_SLOT || !hasRecords(1)) return false;
  if ((accountAt(account).flags & STORAGE_COMPLETE) != 0) slotAt(index).isLoaded = 1;
  warmSlot(index);
  return true;
}

/* WHAT A RUN LEFT */

export function status(): u32 {
  return Run.status;
}
export function refund(): i64 {
  return Run.refund;
}
export function addRefund(amount: i64): void {
  Run.refund += amount;
}
export function outputStart(): usize {
  return returned.start;
}
export function outputLength(): u32 {
  return ReturnData.length;
}
export function isExhausted(): bool {
  return Heap.isExhausted;
}
/** Begin and length of the logs, the trace, comparisons, storage uses, flows, calls of the console, labels and call edges, by number from 0. */
export function recordsStart(which: u32): usize {
  return regionOf(which).start;
}
export function recordsLength(which: u32): u32 {
  return regionOf(which).length;
}
function regionOf(which: u32): Region {
  if (which == 0) return logs;
  if (which == 1) return trace;
  if (which == 2) return comparisons;
  if (which == 3) return storageUses;
  if (which == 4) return flows;
  if (which == 5) return consoleCalls;
  return which == 6 ? labels : callEdges;
}

/** Basic blocks and edges that ran for the first time, counted since the begin. */
export function found(): u32 {
  return Hooks.found;
}

/* CODE */

export function codeCount(): u32 {
  return countCodes();
}
export function codeBytes(index: u32): usize {
  return index == 0 ? 0 : codeAt(index).bytes;
}
export function codeLength(index: u32): u32 {
  return index == 0 ? 0 : codeAt(index).length;
}
/** A byte for each basic block, 1 once it ran; behind them, at a multiple of 4, the offset of each in the code. */
export function coverageStart(code: u32): usize {
  return codeAt(code).coverage;
}
export function coverageBlocks(code: u32): u32 {
  return codeAt(code).blocks;
}
