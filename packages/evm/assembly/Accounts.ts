// Accounts in an array, in the order in which they were first seen, and a table from address to index. An index is good until
// `forgetUnused` takes out what was only looked at, which it does between runs alone.
import { Heap } from "./Heap";
import { BALANCE, CODE, LIFE, NONCE, remember, rememberWord, WARM_ACCOUNT } from "./Journal";
import { hasRoom, Region, trim } from "./Region";
import { isPrecompile } from "./Rules";
import { Run } from "./Run";
import { Salt } from "./Salt";
import { begin, cellAfter, cellOf, empty, emptyFor, hasHash, hasPlace, numberIn, put, Table } from "./Table";

/** It was in the state that the run began with, though it may be empty (EIP-161 removes it once it is touched). */
export const EXISTS: u32 = 1;
/** Slots that are not known are zero; without it the host is asked. */
export const STORAGE_COMPLETE: u32 = 2;
/** Flows of value to and from it are recorded. */
export const WATCHED: u32 = 4;
/** Its balance, nonce and code are known. */
export const LOADED: u32 = 8;
/** Whoever opened the engine gave it, and may not be asked again. */
export const GIVEN: u32 = 16;

@unmanaged
export class Account {
  /** The address as a word; the upper 96 bits are zero. */
  address0: u64;
  address1: u64;
  address2: u64;
  address3: u64;
  balance0: u64;
  balance1: u64;
  balance2: u64;
  balance3: u64;
  /** keccak256 of the code, as bytes. */
  codeHash0: u64;
  codeHash1: u64;
  codeHash2: u64;
  codeHash3: u64;
  nonce: u64;
  flags: u32;
  /** Index of its code; 0 for none. */
  code: u32;
  /** The last transaction that accessed it (EIP-2929), created it, destroyed it. */
  warmIn: u32;
  createdIn: u32;
  destroyedIn: u32;
  /** Its slots are a list; index + 1 of the first. */
  slots: u32;
  /** Slots that hold something else than zero. */
  filledSlots: u32;
  /** It stays; known only while `forgetUnused` is at work. */
  isKept: u32;
}
export const ACCOUNT: u32 = 144;
export const NO_ACCOUNT: u32 = 0xffffffff;

export const accounts: Region = changetype<Region>(memory.data(16, 8));

const byAddress: Table = changetype<Table>(memory.data(12, 8));
begin(byAddress);

@inline
export function accountAt(index: u32): Account {
  return changetype<Account>(accounts.start + index * ACCOUNT);
}
@inline
export function addressAt(index: u32): usize {
  return accounts.start + index * ACCOUNT;
}
@inline
export function balanceAt(index: u32): usize {
  return accounts.start + index * ACCOUNT + offsetof<Account>("balance0");
}
@inline
export function codeHashAt(index: u32): usize {
  return accounts.start + index * ACCOUNT + offsetof<Account>("codeHash0");
}
export function accountCount(): u32 {
  return byAddress.count;
}

@inline
function hashOf(a0: u64, a1: u64, a2: u64): u32 {
  let h = (a0 ^ Salt.mask) * Salt.factor;
  h = (h ^ (h >> 32) ^ a1) * 0xd6e8feb86659fd93;
  h = (h ^ (h >> 29) ^ a2) * 0xa0761d6478bd642f;
  return <u32>(h ^ (h >> 32));
}

/** The index of the account whose address stands at `word` (only its lower 160 bits count), or NO_ACCOUNT. */
export function findAccount(word: usize): u32 {
  return find(load<u64>(word), load<u64>(word, 8), load<u64>(word, 16) & 0xffffffff);
}

@inline
function find(a0: u64, a1: u64, a2: u64): u32 {
  const hash = hashOf(a0, a1, a2);
  for (let cell = cellOf(byAddress, hash); numberIn(cell) != 0; cell = cellAfter(byAddress, cell)) {
    if (!hasHash(cell, hash)) continue;
    const account = accountAt(numberIn(cell) - 1);
    if (account.address0 == a0 && account.address1 == a1 && account.address2 == a2) return numberIn(cell) - 1;
  }
  return NO_ACCOUNT;
}

/** The index of the account at `word`, which begins empty if it was not there; NO_ACCOUNT if memory is exhausted. */
export function putAccount(word: usize): u32 {
  const found = findAccount(word);
  if (found != NO_ACCOUNT) return found;
  if (!hasPlace(byAddress) || !hasRoom(accounts, ACCOUNT)) return NO_ACCOUNT;
  const index = byAddress.count;
  const entry = accounts.start + accounts.length;
  accounts.length += ACCOUNT;
  memory.fill(entry, 0, ACCOUNT);
  store<u64>(entry, load<u64>(word));
  store<u64>(entry, load<u64>(word, 8), 8);
  store<u64>(entry, load<u64>(word, 16) & 0xffffffff, 16);
  storeEmptyHash(entry + offsetof<Account>("codeHash0"));
  place(index);
  return index;
}

function place(index: u32): void {
  const account = accountAt(index);
  put(byAddress, hashOf(account.address0, account.address1, account.address2), index + 1);
}

// keccak256 of nothing, as bytes.
function storeEmptyHash(place: usize): void {
  store<u64>(place, bswap<u64>(0xc5d2460186f7233c));
  store<u64>(place, bswap<u64>(0x927e7db2dcc703c0), 8);
  store<u64>(place, bswap<u64>(0xe500b653ca82273b), 16);
  store<u64>(place, bswap<u64>(0x7bfad8045d85a470), 24);
}

/** The index of an account that is loaded, or NO_ACCOUNT: then the host is asked for it, or memory is exhausted. */
export function needAccount(word: usize): u32 {
  // Operations that go on behind a full journal end here at the latest, before what is left of it is used up.
  if (Heap.isExhausted) return NO_ACCOUNT;
  let index = findAccount(word);
  if (index != NO_ACCOUNT && (accountAt(index).flags & LOADED) != 0) return index;
  if (!Run.isWorldComplete) {
    Run.missing(Run.ACCOUNT, word, 0);
    return NO_ACCOUNT;
  }
  index = putAccount(word);
  if (index == NO_ACCOUNT) return index;
  accountAt(index).flags |= LOADED | STORAGE_COMPLETE;
  return index;
}

@inline
export function isEmpty(index: u32): bool {
  const account = accountAt(index);
  return (
    account.nonce == 0 &&
    account.code == 0 &&
    (account.balance0 | account.balance1 | account.balance2 | account.balance3) == 0
  );
}

/** Marks the account as accessed; false if it was already (EIP-2929). */
@inline
export function warmAccount(index: u32): bool {
  const account = accountAt(index);
  if (account.warmIn == Run.id || isPrecompile(addressAt(index))) return false;
  remember(WARM_ACCOUNT, index, account.warmIn);
  account.warmIn = Run.id;
  return true;
}

export function setNonce(index: u32, nonce: u64): void {
  remember(NONCE, index, accountAt(index).nonce);
  accountAt(index).nonce = nonce;
}

/** Gives the account the code with this index, whose hash stands at `hash`. */
export function setCode(index: u32, code: u32, hash: usize): void {
  rememberWord(CODE, index, accountAt(index).code, codeHashAt(index));
  accountAt(index).code = code;
  memory.copy(codeHashAt(index), hash, 32);
}

/** Takes the account's code away. */
export function clearCode(index: u32): void {
  rememberWord(CODE, index, accountAt(index).code, codeHashAt(index));
  accountAt(index).code = 0;
  storeEmptyHash(codeHashAt(index));
}

/** Before a change of flags, of `createdIn` or of `destroyedIn`. */
export function rememberLife(index: u32): void {
  const account = accountAt(index);
  const place = remember(LIFE, index, account.flags);
  store<u64>(place, account.createdIn);
  store<u64>(place, account.destroyedIn, 8);
}

/** EIP-161: an empty account that is touched is gone. */
@inline
export function touch(index: u32): void {
  if ((accountAt(index).flags & EXISTS) != 0 && isEmpty(index)) {
    rememberLife(index);
    accountAt(index).flags &= ~EXISTS;
  }
}

/** Before a change of the balance. */
@inline
export function rememberBalance(index: u32): void {
  rememberWord(BALANCE, index, 0, balanceAt(index));
}

/** Puts what stands in the array from its begin on, `count` accounts, in place of what was there. */
export function replaceAccounts(count: u32): void {
  accounts.length = count * ACCOUNT;
  emptyFor(byAddress, count);
  for (let i: u32 = 0; i < count; i++) place(i);
  trim(accounts);
}

export function forgetAccounts(): void {
  empty(byAddress);
  accounts.length = 0;
  Heap.isExhausted = false;
}
