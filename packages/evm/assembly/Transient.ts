// Transient storage (EIP-1153): a table of its own, which is empty again when the run ends.
import { allocate, hasRoom, Region, release } from "./Heap";
import { rememberWord, TRANSIENT } from "./Journal";
import { Run } from "./Run";
import { hashOfKey } from "./Salt";

/** Key, value, account: 80 bytes. */
const ENTRY: u32 = 80;
const entries: Region = changetype<Region>(memory.data(16, 8));

class Table {
  static start: usize = 0;
  static size: u32 = 0;
  static count: u32 = 0;
}

function find(account: u32, key: usize): usize {
  if (Table.count == 0) return 0;
  const mask = Table.size - 1;
  let at = hashOfKey(account, key) & mask;
  while (true) {
    const index = load<u32>(Table.start + at * 4);
    if (index == 0) return 0;
    const entry = entries.start + (index - 1) * ENTRY;
    if (
      load<u32>(entry, 64) == account &&
      load<u64>(entry) == load<u64>(key) &&
      load<u64>(entry, 8) == load<u64>(key, 8) &&
      load<u64>(entry, 16) == load<u64>(key, 16) &&
      load<u64>(entry, 24) == load<u64>(key, 24)
    ) {
      return entry;
    }
    at = (at + 1) & mask;
  }
}

/** Where the value stands, or 0 for one that was never written. */
export function transientAt(account: u32, key: usize): usize {
  const entry = find(account, key);
  return entry == 0 ? 0 : entry + 32;
}

/** Writes a value; false if memory is exhausted. */
export function setTransient(account: u32, key: usize, value: usize): bool {
  let entry = find(account, key);
  if (entry == 0) {
    if ((Table.count + 1) * 2 > Table.size && !growTable()) return false;
    if (!hasRoom(entries, ENTRY)) return false;
    entry = entries.start + entries.length;
    entries.length += ENTRY;
    memory.copy(entry, key, 32);
    memory.fill(entry + 32, 0, 32);
    store<u32>(entry, account, 64);
    place(Table.count++);
  }
  rememberWord(TRANSIENT, <u32>((entry - entries.start) / ENTRY), Run.id, entry + 32);
  memory.copy(entry + 32, value, 32);
  return true;
}

/** Takes a change back, if the run that made it still goes on. */
export function restoreTransient(index: u32, run: u32, word: usize): void {
  if (run == Run.id && index < Table.count) memory.copy(entries.start + index * ENTRY + 32, word, 32);
}

function place(index: u32): void {
  const entry = entries.start + index * ENTRY;
  const mask = Table.size - 1;
  let at = hashOfKey(load<u32>(entry, 64), entry) & mask;
  while (load<u32>(Table.start + at * 4) != 0) at = (at + 1) & mask;
  store<u32>(Table.start + at * 4, index + 1);
}

function growTable(): bool {
  const size = max<u32>(Table.size * 2, 64);
  const start = allocate(size * 4);
  if (start == 0) return false;
  release(Table.start, Table.size * 4);
  memory.fill(start, 0, size * 4);
  Table.start = start;
  Table.size = size;
  for (let i: u32 = 0; i < Table.count; i++) place(i);
  return true;
}

export function forgetTransient(): void {
  if (Table.count == 0) return;
  memory.fill(Table.start, 0, Table.size * 4);
  Table.count = 0;
  entries.length = 0;
}
