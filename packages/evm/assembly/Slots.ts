// Storage of all accounts in one open-addressing table over an array, in the order in which slots were first seen.
import { accountAt, STORAGE_COMPLETE, addressAt } from "./Accounts";
import { allocate, hasRoom, Region, release } from "./Heap";
import { rememberWord, remember, SLOT as SLOT_CHANGED, WARM_SLOT } from "./Journal";
import { Run } from "./Run";
import { hashOfKey } from "./Salt";

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
  padding: u32;
}
export const SLOT: u32 = 120;
export const NO_SLOT: u32 = 0xffffffff;

export const slots: Region = changetype<Region>(memory.data(16, 8));

class Table {
  static start: usize = 0;
  static size: u32 = 0;
  static count: u32 = 0;
}

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
  return Table.count;
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

export function findSlot(account: u32, key: usize): u32 {
  if (Table.size == 0) return NO_SLOT;
  const mask = Table.size - 1;
  let at = hashOfKey(account, key) & mask;
  while (true) {
    const index = load<u32>(Table.start + at * 4);
    if (index == 0) return NO_SLOT;
    if (isKey(slotAt(index - 1), account, key)) return index - 1;
    at = (at + 1) & mask;
  }
}

/** The index of the slot, which begins as zero if it was not there; NO_SLOT if memory is exhausted. */
export function putSlot(account: u32, key: usize): u32 {
  const found = findSlot(account, key);
  if (found != NO_SLOT) return found;
  if ((Table.count + 1) * 2 > Table.size && !growTable()) return NO_SLOT;
  if (!hasRoom(slots, SLOT)) return NO_SLOT;
  const index = Table.count++;
  const entry = slots.start + slots.length;
  slots.length += SLOT;
  memory.fill(entry, 0, SLOT);
  memory.copy(entry, key, 32);
  const slot = changetype<Slot>(entry);
  slot.account = account;
  slot.next = accountAt(account).slots;
  accountAt(account).slots = index + 1;
  place(index);
  return index;
}

function place(index: u32): void {
  const mask = Table.size - 1;
  let at = hashOfKey(slotAt(index).account, changetype<usize>(slotAt(index))) & mask;
  while (load<u32>(Table.start + at * 4) != 0) at = (at + 1) & mask;
  store<u32>(Table.start + at * 4, index + 1);
}

function growTable(): bool {
  const size = max<u32>(Table.size * 2, 1024);
  const start = allocate(size * 4);
  if (start == 0) return false;
  release(Table.start, Table.size * 4);
  memory.fill(start, 0, size * 4);
  Table.start = start;
  Table.size = size;
  for (let i: u32 = 0; i < Table.count; i++) place(i);
  return true;
}

/** The index of a slot whose value is known, or NO_SLOT: then the host is asked for it, or memory is exhausted. */
export function needSlot(account: u32, key: usize): u32 {
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

export function forgetSlots(): void {
  memory.fill(Table.start, 0, Table.size * 4);
  Table.count = 0;
  slots.length = 0;
}
