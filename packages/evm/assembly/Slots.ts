// Storage of all accounts in one table over an array, in the order in which slots were first seen. An index is good as long as
// that of an account.
import { accountAt, STORAGE_COMPLETE, addressAt } from "./Accounts";
import { Heap } from "./Heap";
import { rememberWord, remember, SLOT as SLOT_CHANGED, WARM_SLOT } from "./Journal";
import { hasRoom, Region, trim } from "./Region";
import { Run } from "./Run";
import { hashOfKey } from "./Salt";
import { begin, cellAfter, cellOf, empty, emptyFor, hasHash, hasPlace, numberIn, put, Table } from "./Table";

@unmanaged
export class Slot {
  key0: u64;
  key1: u64;
  key2: u64;
  key3: u64;
  value0: u64;
  value1: u64;
  value2: u64;
  value3: u64;
  /** The value before the transaction `originalIn`; void in any other. */
  original0: u64;
  original1: u64;
  original2: u64;
  original3: u64;
  account: u32;
  warmIn: u32;
  originalIn: u32;
  /** Index + 1 of the account's slot that was seen before it. */
  next: u32;
  /** Its value is known; a slot of an access list may not be. */
  isLoaded: u32;
  /** Whoever opened the engine gave it; or, while `forgetUnused` is at work, it stays (see there). */
  kept: u32;
}
export const SLOT: u32 = 120;
/** Values of `kept`. */
export const SLOT_GIVEN: u32 = 1;
export const SLOT_KEPT: u32 = 2;
export const NO_SLOT: u32 = 0xffffffff;

export const slots: Region = changetype<Region>(memory.data(16, 8));

const byKey: Table = changetype<Table>(memory.data(12, 8));
begin(byKey);

@inline
export function slotAt(index: u32): Slot {
  return changetype<Slot>(slots.start + index * SLOT);
}
@inline
export function valueAt(index: u32): usize {
  return slots.start + index * SLOT + 32;
}
@inline
export function originalAt(index: u32): usize {
  return slots.start + index * SLOT + 64;
}
export function slotCount(): u32 {
  return byKey.count;
}

@inline
function isKey(slot: Slot, account: u32, key: usize): bool {
  return (
    slot.key0 == load<u64>(key) &&
    slot.account == account &&
    slot.key1 == load<u64>(key, 8) &&
    slot.key2 == load<u64>(key, 16) &&
    slot.key3 == load<u64>(key, 24)
  );
}

/** The slot that was found last: code mostly reads one several times, and to see that it is the same needs no hash. */
class Last {
  static index: u32 = 0;
}

@inline
function isLast(account: u32, key: usize): bool {
  return Last.index < byKey.count && isKey(slotAt(Last.index), account, key);
}

export function findSlot(account: u32, key: usize): u32 {
  if (isLast(account, key)) return Last.index;
  const found = find(account, key, hashOfKey(account, key));
  if (found != NO_SLOT) Last.index = found;
  return found;
}

@inline
function find(account: u32, key: usize, hash: u32): u32 {
  for (let cell = cellOf(byKey, hash); numberIn(cell) != 0; cell = cellAfter(byKey, cell)) {
    if (hasHash(cell, hash) && isKey(slotAt(numberIn(cell) - 1), account, key)) return numberIn(cell) - 1;
  }
  return NO_SLOT;
}

/** The index of the slot, which begins as zero if it was not there; NO_SLOT if memory is exhausted. */
export function putSlot(account: u32, key: usize): u32 {
  const hash = hashOfKey(account, key);
  const found = find(account, key, hash);
  if (found != NO_SLOT) return found;
  if (!hasPlace(byKey) || !hasRoom(slots, SLOT)) return NO_SLOT;
  const index = byKey.count;
  const entry = slots.start + slots.length;
  slots.length += SLOT;
  memory.fill(entry, 0, SLOT);
  memory.copy(entry, key, 32);
  const slot = changetype<Slot>(entry);
  slot.account = account;
  slot.next = accountAt(account).slots;
  accountAt(account).slots = index + 1;
  put(byKey, hash, index + 1);
  return index;
}

/** The index of a slot whose value is known, or NO_SLOT: then the host is asked for it, or memory is exhausted. */
export function needSlot(account: u32, key: usize): u32 {
  // As in `needAccount`.
  if (Heap.isExhausted) return NO_SLOT;
  let index = findSlot(account, key);
  if (index != NO_SLOT && slotAt(index).isLoaded != 0) return index;
  if ((accountAt(account).flags & STORAGE_COMPLETE) == 0) {
    Run.missing(Run.SLOT, addressAt(account), key);
    return NO_SLOT;
  }
  if (index == NO_SLOT) index = putSlot(account, key);
  if (index != NO_SLOT) slotAt(index).isLoaded = 1;
  return index;
}

/** Marks the slot as accessed; false if it was already (EIP-2929). */
@inline
export function warmSlot(index: u32): bool {
  const slot = slotAt(index);
  if (slot.warmIn == Run.id) return false;
  remember(WARM_SLOT, index, slot.warmIn);
  slot.warmIn = Run.id;
  return true;
}

@inline
export function isZeroAt(word: usize): bool {
  return (load<u64>(word) | load<u64>(word, 8) | load<u64>(word, 16) | load<u64>(word, 24)) == 0;
}

/** Writes the word at `word` into the slot; the value before the transaction is kept beside it. */
export function setSlot(index: u32, word: usize): void {
  const slot = slotAt(index);
  const value = valueAt(index);
  if (slot.originalIn != Run.id) {
    slot.originalIn = Run.id;
    memory.copy(originalAt(index), value, 32);
  }
  rememberWord(SLOT_CHANGED, index, 0, value);
  countFilled(slot.account, isZeroAt(value), isZeroAt(word));
  v128.store(value, v128.load(word));
  v128.store(value, v128.load(word, 16), 16);
}

@inline
export function countFilled(account: u32, wasZero: bool, isZero: bool): void {
  if (wasZero != isZero) accountAt(account).filledSlots += isZero ? -1 : 1;
}

/** Sets all slots of the account to zero: of one that was created and destroyed in this transaction. */
export function clearSlots(account: u32, zero: usize): void {
  for (let at = accountAt(account).slots; at != 0; at = slotAt(at - 1).next) {
    if (!isZeroAt(valueAt(at - 1))) setSlot(at - 1, zero);
  }
}

/** Puts what stands in the array from its begin on, `count` slots, in place of what was there, and under their accounts. */
export function replaceSlots(count: u32): void {
  slots.length = count * SLOT;
  emptyFor(byKey, count);
  for (let i: u32 = 0; i < count; i++) {
    const slot = slotAt(i);
    const account = accountAt(slot.account);
    slot.next = account.slots;
    account.slots = i + 1;
    if (!isZeroAt(valueAt(i))) account.filledSlots++;
    put(byKey, hashOfKey(slot.account, changetype<usize>(slot)), i + 1);
  }
  trim(slots);
}

export function forgetSlots(): void {
  empty(byKey);
  slots.length = 0;
}
