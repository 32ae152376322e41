// Where entries stand, by the hash of their key: open addressing, at most half full. A cell has the entry's number, 0 for
// none, and behind it the hash, so that a table grows without a look at the entries. Nothing is taken out: who drops entries
// begins anew and puts in what stays.
import { allocate, release } from "./Heap";

@unmanaged
export class Table {
  start: usize;
  /** Cells less one; a power of two less one. */
  mask: u32;
  /** Cells in use. */
  count: u32;
}
const CELL: u32 = 8;
const FEWEST: u32 = 256;
const MOST: u32 = 1 << 27;
/** Above it a table that is emptied gives its memory back: to wipe it costs what it cost to fill it. */
const LARGE: u32 = 8192;

/** What a table without memory has: one cell, free. */
const noCells: usize = memory.data(8, 8);

/** Begins a table that nothing stands in. */
export function begin(table: Table): void {
  table.start = noCells;
  table.mask = 0;
  table.count = 0;
}

/** The first cell where an entry of this hash may stand. A cell of number 0 ends the search. */
@inline
export function cellOf(table: Table, hash: u32): usize {
  return table.start + (hash & table.mask) * CELL;
}
@inline
export function cellAfter(table: Table, cell: usize): usize {
  return table.start + ((((<u32>(cell - table.start)) >> 3) + 1) & table.mask) * CELL;
}
@inline
export function numberIn(cell: usize): u32 {
  return load<u32>(cell);
}
@inline
export function hasHash(cell: usize, hash: u32): bool {
  return load<u32>(cell, 4) == hash;
}

/** True if one more entry has a place; false if memory is exhausted. */
@inline
export function hasPlace(table: Table): bool {
  return (table.count + 1) * 2 <= table.mask + 1 || resize(table, (table.mask + 1) * 2);
}

/** Puts an entry in that is not there; `hasPlace` has been asked. */
export function put(table: Table, hash: u32, number: u32): void {
  table.count++;
  fill(table, hash, number);
}

function fill(table: Table, hash: u32, number: u32): void {
  let cell = cellOf(table, hash);
  while (numberIn(cell) != 0) cell = cellAfter(table, cell);
  store<u32>(cell, number);
  store<u32>(cell, hash, 4);
}

function resize(table: Table, cells: u32): bool {
  const size = max<u32>(cells, FEWEST);
  const start = size > MOST ? 0 : allocate(size * CELL);
  if (start == 0) return false;
  memory.fill(start, 0, size * CELL);
  const old = table.start;
  const end = old + (table.mask + 1) * CELL;
  table.start = start;
  const cellsBefore = table.mask + 1;
  table.mask = size - 1;
  for (let cell = old; cell < end; cell += CELL) {
    if (numberIn(cell) != 0) fill(table, load<u32>(cell, 4), numberIn(cell));
  }
  if (old != noCells) release(old, cellsBefore * CELL);
  return true;
}

/** Takes all entries out. */
export function empty(table: Table): void {
  table.count = 0;
  if (table.mask >= LARGE) giveBack(table);
  else memory.fill(table.start, 0, (table.mask + 1) * CELL);
}

/** Takes all entries out and makes room for `count`, no more than there were: what is given back suffices for it. */
export function emptyFor(table: Table, count: u32): void {
  if (table.count == 0) return;
  giveBack(table);
  let cells = FEWEST;
  while (cells < count * 2) cells *= 2;
  resize(table, cells);
}

function giveBack(table: Table): void {
  if (table.start != noCells) release(table.start, (table.mask + 1) * CELL);
  begin(table);
}
