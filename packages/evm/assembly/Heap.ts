// Linear memory in blocks of powers of two. A freed block waits in the list of its size; a larger one is cut where there is
// none. Before memory counts as exhausted, free blocks that touch are joined and cut anew: what filled the instance with small
// blocks leaves room for large ones. Nothing is ever given back to the host. What grows without bound (state, journal, memory of
// frames, records) lives in a Region, which moves when it grows: keep an index or an offset across anything that may grow it,
// never a pointer.

/** Heads of the lists of free blocks, by the logarithm of their size. A free block: 0 the next one, 4 its size. */
const free: usize = memory.data(32 * 4, 8);
/** Sorted lists on their way to one, the one at `i` made of 2^i. */
const sorted: usize = memory.data(32 * 4, 8);
const SMALLEST: u32 = 6;
const LARGEST: u32 = 30;

export class Heap {
  static top: u64 = 0;
  /** Bytes that the instance may take altogether. */
  static limit: u64 = 1 << 30;
  /** Set when a block could not be had: the run ends with a fault, and what it wrote is taken back. */
  static isExhausted: bool = false;
  /** Bytes of blocks that somebody has. */
  static inUse: u64 = 0;
  /** Bytes that were given back since free blocks were last joined. */
  static released: u64 = 0;
}

@inline
function orderOf(size: u32): u32 {
  return 32 - <u32>clz<u32>(max<u32>(size, 64) - 1);
}

/** Bytes that a block for `size` takes. */
export function blockSize(size: u32): u32 {
  return (<u32>1) << orderOf(size);
}

/** A block of at least `size` bytes at a multiple of 64, or 0. Its content is what was there. */
export function allocate(size: u32): usize {
  if (size > (<u32>1) << LARGEST) return exhausted();
  const order = orderOf(size);
  const bytes = (<u32>1) << order;
  let block = takeFree(order);
  if (block == 0) block = extendTop(bytes);
  if (block == 0 && Heap.released >= bytes) {
    joinFree();
    block = takeFree(order);
    if (block == 0) block = extendTop(bytes);
  }
  if (block == 0) return exhausted();
  Heap.inUse += bytes;
  return block;
}

/** `size` bytes that are never given back, or 0. Not rounded up to a power of two, and not counted as in use. */
export function reserve(size: u32): usize {
  const start = extendTop((size + 63) & ~63);
  return start == 0 ? exhausted() : start;
}

function exhausted(): usize {
  Heap.isExhausted = true;
  return 0;
}

/** Gives back a block that `allocate(size)` gave. */
export function release(block: usize, size: u32): void {
  if (block == 0) return;
  const order = orderOf(size);
  giveFree(block, order);
  Heap.inUse -= (<u64>1) << order;
  Heap.released += (<u64>1) << order;
}

function giveFree(block: usize, order: u32): void {
  const list = free + order * 4;
  store<u32>(block, load<u32>(list));
  store<u32>(list, <u32>block);
}

/** A free block of 2^order bytes, cut from the next larger one if need be, or 0. */
function takeFree(order: u32): usize {
  let from = order;
  while (from <= LARGEST && load<u32>(free + from * 4) == 0) from++;
  if (from > LARGEST) return 0;
  const block: usize = load<u32>(free + from * 4);
  store<u32>(free + from * 4, load<u32>(block));
  // What is left behind it: once its own size, and twice that, and so on.
  for (let left = order; left < from; left++) giveFree(block + ((<usize>1) << left), left);
  return block;
}

/** Bytes from the end of what was ever used, or 0 if the limit, or the host, gives no more. */
function extendTop(bytes: u32): usize {
  if (Heap.top == 0) Heap.top = (<u64>__heap_base + 63) & ~63;
  const start = Heap.top;
  const end = start + bytes;
  if (end > Heap.limit) return 0;
  const pages = <i32>((end + 0xffff) >> 16) - memory.size();
  if (pages > 0 && !growMemory(pages)) return 0;
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

/** Joins free blocks that touch, and cuts each stretch into blocks as large as can be; one at the end is free again altogether. */
export function joinFree(): void {
  Heap.released = 0;
  let block = sortFree();
  while (block != 0) {
    const end = <u64>block + load<u32>(block, 4);
    let start = block;
    block = load<u32>(block);
    while (block != 0 && block + load<u32>(block, 4) == start) {
      start = block;
      block = load<u32>(block);
    }
    if (end == Heap.top) Heap.top = start;
    else cut(start, end);
  }
}

function cut(start: u64, end: u64): void {
  while (start < end) {
    const order = min<u32>(63 - <u32>clz<u64>(end - start), LARGEST);
    giveFree(<usize>start, order);
    start += (<u64>1) << order;
  }
}

/** All free blocks in one list, the highest first, each with its size; the lists are empty then. So the lowest are given first. */
function sortFree(): usize {
  memory.fill(sorted, 0, 32 * 4);
  for (let order = SMALLEST; order <= LARGEST; order++) {
    let block: usize = load<u32>(free + order * 4);
    store<u32>(free + order * 4, 0);
    while (block != 0) {
      const next: usize = load<u32>(block);
      store<u32>(block, 0);
      store<u32>(block, (<u32>1) << order, 4);
      mergeIn(block);
      block = next;
    }
  }
  let all: usize = 0;
  for (let i: usize = 0; i < 32; i++) all = merge(load<u32>(sorted + i * 4), all);
  return all;
}

/** Puts one block to the sorted lists, as one is added to a binary number. */
function mergeIn(block: usize): void {
  let list = block;
  let at = sorted;
  while (load<u32>(at) != 0) {
    list = merge(load<u32>(at), list);
    store<u32>(at, 0);
    at += 4;
  }
  store<u32>(at, <u32>list);
}

function merge(a: usize, b: usize): usize {
  let first: usize = 0;
  let last: usize = 0;
  while (a != 0 && b != 0) {
    const highest = max<usize>(a, b);
    if (highest == a) a = load<u32>(a);
    else b = load<u32>(b);
    if (last == 0) first = highest;
    else store<u32>(last, <u32>highest);
    last = highest;
  }
  const rest = a | b;
  if (last == 0) return rest;
  store<u32>(last, <u32>rest);
  return first;
}
