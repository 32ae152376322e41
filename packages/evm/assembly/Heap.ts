// Linear memory in blocks of powers of two. A freed block waits in the list of its size; nothing is ever given back to the
// host. What grows without bound (state, journal, memory of frames, records) lives in a Region, which moves when it
// grows: keep an index or an offset across anything that may grow it, never a pointer.

/** Heads of the lists of free blocks, by the logarithm of their size. */
const free: usize = memory.data(32 * 4, 8);

export class Heap {
  static top: u64 = 0;
  /** Bytes that the instance may take altogether. */
  static limit: u64 = 1 << 30;
  /** Set when a block could not be had: the run ends with a fault, and what it wrote is taken back. */
  static isExhausted: bool = false;
}

@inline
function orderOf(size: u32): u32 {
  return 32 - <u32>clz<u32>(max<u32>(size, 64) - 1);
}

/** A block of at least `size` bytes at a multiple of 64, or 0. Its content is what was there. */
export function allocate(size: u32): usize {
  if (size > 0x40000000) {
    Heap.isExhausted = true;
    return 0;
  }
  const order = orderOf(size);
  const list = free + order * 4;
  const head = load<u32>(list);
  if (head != 0) {
    store<u32>(list, load<u32>(head));
    return head;
  }
  if (Heap.top == 0) Heap.top = (<u64>__heap_base + 63) & ~63;
  const start = Heap.top;
  const end = start + ((<u64>1) << order);
  if (end > Heap.limit) {
    Heap.isExhausted = true;
    return 0;
  }
  const pages = <i32>((end + 0xffff) >> 16) - memory.size();
  if (pages > 0 && !growMemory(pages)) {
    Heap.isExhausted = true;
    return 0;
  }
  Heap.top = end;
  return <usize>start;
}

// Each step makes the host a new view of all of memory, which its collector of garbage takes for new memory: a step for each
// block cost half of the time of a run. Pages that nobody touches cost nothing.
const STEP: i32 = 256;

function growMemory(pages: i32): bool {
  const generous = min<i32>(max<i32>(STEP, memory.size() >> 1), <i32>(Heap.limit >> 16) - memory.size());
  return (generous > pages && memory.grow(generous) >= 0) || memory.grow(pages) >= 0;
}

/** Gives back a block that `allocate(size)` gave. */
export function release(block: usize, size: u32): void {
  if (block == 0) return;
  const list = free + orderOf(size) * 4;
  store<u32>(block, load<u32>(list));
  store<u32>(list, <u32>block);
}

/** Bytes one after the other that may grow, and then move. */
@unmanaged
export class Region {
  start: usize;
  capacity: u32;
  /** Bytes in use. */
  length: u32;
}

/** True if `region` has room for `bytes` more; its content moves if need be. */
@inline
export function hasRoom(region: Region, bytes: u32): bool {
  return <u64>region.length + bytes <= region.capacity || grow(region, bytes);
}

function grow(region: Region, bytes: u32): bool {
  const needed = <u64>region.length + bytes;
  if (needed > 0x40000000) {
    Heap.isExhausted = true;
    return false;
  }
  const capacity = max<u32>((<u32>1) << orderOf(<u32>needed), 1024);
  const start = allocate(capacity);
  if (start == 0) return false;
  memory.copy(start, region.start, region.length);
  release(region.start, region.capacity);
  region.start = start;
  region.capacity = capacity;
  return true;
}
