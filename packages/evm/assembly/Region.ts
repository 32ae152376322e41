import { allocate, blockSize, Heap, release } from "./Heap";

/** Bytes one after the other that may grow, and then move. */
@unmanaged
export class Region {
  start: usize;
  capacity: u32;
  /** Bytes in use. */
  length: u32;
}
const LEAST: u32 = 1024;
const MOST: u32 = 0x40000000;

/** True if `region` has room for `bytes` more; its content moves if need be. */
@inline
export function hasRoom(region: Region, bytes: u64): bool {
  return <u64>region.length + bytes <= region.capacity || grow(region, bytes);
}

function grow(region: Region, bytes: u64): bool {
  const needed = <u64>region.length + bytes;
  if (needed > MOST) {
    Heap.isExhausted = true;
    return false;
  }
  const capacity = blockSize(max<u32>(<u32>needed, LEAST));
  const start = allocate(capacity);
  if (start == 0) return false;
  moveTo(region, start, capacity);
  return true;
}

function moveTo(region: Region, start: usize, capacity: u32): void {
  memory.copy(start, region.start, region.length);
  release(region.start, region.capacity);
  region.start = start;
  region.capacity = capacity;
}

/** Gives back what the content of `region` does not need. */
export function trim(region: Region): void {
  if (region.length == 0) {
    release(region.start, region.capacity);
    region.start = 0;
    region.capacity = 0;
    return;
  }
  const capacity = blockSize(max<u32>(region.length, LEAST));
  if (capacity >= region.capacity) return;
  const start = allocate(capacity);
  // Then it stays as it is.
  if (start == 0) Heap.isExhausted = false;
  else moveTo(region, start, capacity);
}
