// Transient storage (EIP-1153): a table of its own, which is empty again when the run ends.
import { rememberWord, TRANSIENT } from "./Journal";
import { hasRoom, Region, trim } from "./Region";
import { Run } from "./Run";
import { hashOfKey } from "./Salt";
import { begin, cellAfter, cellOf, empty, hasHash, hasPlace, numberIn, put, Table } from "./Table";

/** Key, value, account: 80 bytes. */
const ENTRY: u32 = 80;
const entries: Region = changetype<Region>(memory.data(16, 8));

const byKey: Table = changetype<Table>(memory.data(12, 8));
begin(byKey);

function find(account: u32, key: usize, hash: u32): usize {
  for (let cell = cellOf(byKey, hash); numberIn(cell) != 0; cell = cellAfter(byKey, cell)) {
    if (!hasHash(cell, hash)) continue;
    const entry = entries.start + (numberIn(cell) - 1) * ENTRY;
    if (
      load<u32>(entry, 64) == account &&
      load<u64>(entry) == load<u64>(key) &&
      load<u64>(entry, 8) == load<u64>(key, 8) &&
      load<u64>(entry, 16) == load<u64>(key, 16) &&
      load<u64>(entry, 24) == load<u64>(key, 24)
    ) {
      return entry;
    }
  }
  return 0;
}

/** Where the value stands, or 0 for one that was never written. */
export function transientAt(account: u32, key: usize): usize {
  if (byKey.count == 0) return 0;
  const entry = find(account, key, hashOfKey(account, key));
  return entry == 0 ? 0 : entry + 32;
}

/** Writes a value; false if memory is exhausted. */
export function setTransient(account: u32, key: usize, value: usize): bool {
  const hash = hashOfKey(account, key);
  let entry = find(account, key, hash);
  if (entry == 0) {
    if (!hasPlace(byKey) || !hasRoom(entries, ENTRY)) return false;
    entry = entries.start + entries.length;
    entries.length += ENTRY;
    memory.copy(entry, key, 32);
    memory.fill(entry + 32, 0, 32);
    store<u32>(entry, account, 64);
    put(byKey, hash, byKey.count + 1);
  }
  rememberWord(TRANSIENT, <u32>((entry - entries.start) / ENTRY), Run.id, entry + 32);
  memory.copy(entry + 32, value, 32);
  return true;
}

/** Takes a change back, if the run that made it still goes on. */
export function restoreTransient(index: u32, run: u32, word: usize): void {
  if (run == Run.id && index < byKey.count) memory.copy(entries.start + index * ENTRY + 32, word, 32);
}

/** The same, and gives back the memory of it. */
export function trimTransient(): void {
  forgetTransient();
  trim(entries);
}

export function forgetTransient(): void {
  if (byKey.count == 0) return;
  empty(byKey);
  entries.length = 0;
}
