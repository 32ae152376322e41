import { batchCalls, batchOutputs, batchResults } from "./batch";
import { trimDecoder } from "./Draft";
import { forgetUnused } from "./forgetUnused";
import { callData, dropFrames, returned, STACKS_BYTES } from "./Frame";
import { Heap, joinFree } from "./Heap";
import { callEdges, comparisons, flows, storageUses } from "./Hooks";
import { journal } from "./Journal";
import { logs } from "./Log";
import { trim } from "./Region";
import { sweepCodes } from "./sweepCodes";
import { trace } from "./Trace";
import { trimTransient } from "./Transient";

/** So much nobody minds, whatever the limit. */
const UNMINDED: u64 = 1 << 27;

class Tidy {
  /** Bytes in use that are too many. */
  static next: u64 = 0;
}

/** A quarter of what the limit leaves for state, code and records: what grows needs twice its size beside it meanwhile. */
@inline
function quarter(): u64 {
  return (Heap.limit - STACKS_BYTES) >> 2;
}

/**
 * Between runs: where too much memory is in use, or the last run ended for want of it, gives back what is of no use. With `mayAsk`,
 * and more than a quarter of memory in use, also state that the source gave and that it can give again. True if indices are others
 * now.
 */
export function tidy(mayAsk: bool): bool {
  const isExhausted = Heap.isExhausted;
  Heap.isExhausted = false;
  if (!isExhausted && Heap.inUse <= max<u64>(Tidy.next, min<u64>(UNMINDED, quarter()))) return false;
  dropFrames();
  const hasForgotten = forgetUnused(mayAsk && Heap.inUse > quarter());
  sweepCodes(0);
  trimAll();
  joinFree();
  // Not again before a good deal more is in use: each time all that stays is looked at.
  const left = Heap.limit - min<u64>(Heap.limit, Heap.inUse);
  Tidy.next = Heap.inUse + max<u64>(Heap.limit >> 6, min<u64>(Heap.inUse, left) >> 1);
  return hasForgotten;
}

/** What the last run left can still be read: regions keep what they hold, and no more. */
function trimAll(): void {
  trimTransient();
  trimDecoder();
  trim(journal);
  trim(callData);
  trim(returned);
  trim(logs);
  trim(trace);
  trim(comparisons);
  trim(storageUses);
  trim(flows);
  trim(callEdges);
  trim(batchCalls);
  trim(batchResults);
  trim(batchOutputs);
}
