// What a search wants to know of a run, each switchable. Off, `comparisons` cost nothing; the others are a test of one number, of
// `edges` at each block, else at operations that cost far more.
import { accountAt, addressAt, WATCHED } from "./Accounts";
import { hasRoom, Region } from "./Region";
import { copyWord, eqWord, ltWord, sltWord } from "./word";

export class Hooks {
  /** A count for each pair of basic blocks that follow each other, in a map of 65,536 bytes. */
  static edges: bool = false;
  /** Operands of LT, GT, SLT, SGT, EQ and ISZERO. */
  static comparisons: bool = false;
  /** The run at work records them, in codes of a form of their own: of a batch, one that is known to go where none has been. */
  static isComparing: bool = false;
  /** Values loaded from and stored to storage. */
  static storage: bool = false;
  /** Ether and tokens that go to or from watched addresses. */
  static flows: bool = false;
  /** Who called whom, with which function and value. */
  static calls: bool = false;
  /** Calls, results and logs, as geth's callTracer tells them. */
  static trace: bool = false;
  /** Assertions that failed: Panic(0x01), the INVALID of older compilers, and events that stand for them. */
  static assertions: bool = false;
  /** Basic blocks and edges that ran for the first time, counted since the begin. */
  static found: u32 = 0;
  /** Assertions that failed since the begin, where they are counted. */
  static failed: u32 = 0;
}

export const LOADED_VALUE: u32 = 0;
export const STORED_VALUE: u32 = 1;
const LT: u32 = 0x10;
const GT: u32 = 0x11;
const SLT: u32 = 0x12;
const SGT: u32 = 0x13;
/** Records beyond it are counted, not kept: a run that loops must not fill memory. */
const MOST_BYTES: u32 = 1 << 22;

export const edgeMap: usize = memory.data(65536, 16);
class Edge {
  static from: u32 = 0;
}

/**
 * Each 72 bytes: offset in the code, with the operation from bit 24 on and the outcome in bit 31; the code; both operands.
 * Who follows a run along a known way so compares one number a step, and reads operands only where it left it.
 */
export const comparisons: Region = changetype<Region>(memory.data(16, 8));
/** Each 104 bytes: kind, 4 spare, address, key, value. */
export const storageUses: Region = changetype<Region>(memory.data(16, 8));
/** Each 112 bytes: kind of the call, first 4 bytes of its input, their count, 4 spare, from, to, value. */
export const callEdges: Region = changetype<Region>(memory.data(16, 8));
/** Each 128 bytes: token (0 for ether), from, to, amount. */
export const flows: Region = changetype<Region>(memory.data(16, 8));

/** What a block, by its code and its offset there, is in the map of edges. */
export function edgeNumber(code: u32, offset: u32): u32 {
  return ((code << 16) ^ offset) * 0x9e3779b1;
}

@inline
export function recordEdge(number: u32): void {
  const at = edgeMap + ((Edge.from ^ number) & 0xffff);
  const count = load<u8>(at);
  if (count == 0) Hooks.found++;
  if (count != 255) store<u8>(at, count + 1);
  Edge.from = number >> 1;
}

export function recordComparison(pc: u32, code: u32, op: u32, a: usize, b: usize): void {
  if (comparisons.length + 72 > comparisons.capacity && !growComparisons()) return;
  const at = comparisons.start + comparisons.length;
  comparisons.length += 72;
  store<u32>(at, pc | (op << 24) | (u32(holds(op, a, b)) << 31));
  store<u32>(at, code, 4);
  copyWord(at + 8, a);
  copyWord(at + 40, b);
}

/** What the comparison gives; ISZERO and EQ are the same, with zero for `b`. */
function holds(op: u32, a: usize, b: usize): bool {
  if (op == LT) return ltWord(a, b);
  if (op == GT) return ltWord(b, a);
  if (op == SLT) return sltWord(a, b);
  return op == SGT ? sltWord(b, a) : eqWord(a, b);
}

function growComparisons(): bool {
  return comparisons.length < MOST_BYTES && hasRoom(comparisons, 72);
}

export function recordStorage(kind: u32, account: u32, key: usize, value: usize): void {
  if (storageUses.length >= MOST_BYTES || !hasRoom(storageUses, 104)) return;
  const at = storageUses.start + storageUses.length;
  storageUses.length += 104;
  store<u64>(at, kind);
  copyWord(at + 8, addressAt(account));
  copyWord(at + 40, key);
  copyWord(at + 72, value);
}

/** Keeps a flow of which one end is watched; `token` is 0 for ether. */
export function recordFlow(token: usize, from: usize, to: usize, amount: usize): void {
  if (flows.length >= MOST_BYTES || !hasRoom(flows, 128)) return;
  const at = flows.start + flows.length;
  flows.length += 128;
  if (token == 0) memory.fill(at, 0, 32);
  else copyWord(at, token);
  copyWord(at + 32, from);
  copyWord(at + 64, to);
  copyWord(at + 96, amount);
}

export function recordCall(kind: u32, from: usize, to: usize, value: usize, input: usize, length: u32): void {
  if (callEdges.length >= MOST_BYTES || !hasRoom(callEdges, 112)) return;
  const at = callEdges.start + callEdges.length;
  callEdges.length += 112;
  store<u32>(at, kind);
  const bytes = min<u32>(length, 4);
  store<u32>(at, 0, 4);
  memory.copy(at + 4, input, bytes);
  store<u64>(at, bytes, 8);
  copyWord(at + 16, from);
  copyWord(at + 48, to);
  copyWord(at + 80, value);
}

const keptEdges: usize = memory.data(65536, 16);

/** Keeps the map of edges as it is, for `restoreEdges`. */
export function keepEdges(): void {
  memory.copy(keptEdges, edgeMap, 65536);
}
export function restoreEdges(): void {
  memory.copy(edgeMap, keptEdges, 65536);
}

/** Begins the map of edges anew. */
export function clearEdges(): void {
  memory.fill(edgeMap, 0, 65536);
}

@inline
export function isWatched(account: u32): bool {
  return (accountAt(account).flags & WATCHED) != 0;
}

/** Begins the records of a run anew; coverage and edges stay until they are read. */
export function forgetRecords(): void {
  comparisons.length = 0;
  beginRecords();
}

/** The same within a batch, of which the operands of all calls are kept that ran something new. */
export function beginRecords(): void {
  storageUses.length = 0;
  flows.length = 0;
  callEdges.length = 0;
  Edge.from = 0;
}
