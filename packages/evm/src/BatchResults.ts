// What a batch gave, read from memory where it lies: a search asks several things of each message, and each way over the border
// would cost as much as all of them.
import type { Machine } from "./Machine.ts";
import { assumptionFailed, describeStatus, succeeded } from "./status.ts";

/** What the last run gave, until the next run of any batch of this engine. */
export interface BatchResults {
  succeeded(index: number): boolean;
  /** As geth names the failure. */
  error(index: number): string | undefined;
  /** An assumption of the code under test did not hold (`cheats`). */
  isRejected(index: number): boolean;
  gasUsed(index: number): bigint;
  /** Basic blocks and edges that it was the first to run, also in runs before that missed the state of a later message. */
  found(index: number): number;
  /** Assertions that failed in it (`hooks.assertions`). */
  failedAssertions(index: number): number;
  /** A number of 53 bits, equal for calls that changed the same to the same; 0 where it changed no storage, balance or code. */
  fingerprint(index: number): number;
  /** Its comparisons, as they lie in memory: good until the next run. */
  comparisons(index: number): ComparisonRecords;
  outputLength(index: number): number;
  /** A copy; empty where it was not wanted. */
  output(index: number): Uint8Array;
}

/**
 * Comparisons of one message, each 18 numbers of 32 bits: the offset in the code, with the operation from bit 24 on and the outcome
 * in bit 31; the code; the two operands, lowest bits first.
 */
export interface ComparisonRecords {
  readonly words: Uint32Array;
  /** Where the first one begins in `words`. */
  readonly begin: number;
  readonly count: number;
}

// Numbers of 32 bits, as `assembly/batch.ts` lays them out.
const resultWords = 12;
const field = {
  status: 0,
  output: 1,
  outputLength: 2,
  found: 3,
  gasUsed: 4,
  compared: 6,
  comparedEnd: 7,
  failed: 8,
  print: 10,
};
// As `assembly/Hooks.ts` lays them out.
const comparisonRegion = 2;
const comparisonWords = 18;

/** Reads results once `begin` has said that a run is over. `wantsOutput` tells whether a message's output was kept. */
export function openResults(
  machine: Machine,
  wantsOutput: (index: number) => boolean,
): { readonly read: BatchResults; begin(): void } {
  const { calls } = machine;
  let [results, records, memory] = [0, 0, new Uint32Array()];
  // A view whose memory has grown is empty.
  const words = (): Uint32Array => {
    if (memory.length === 0) memory = new Uint32Array(machine.bytes().buffer as ArrayBuffer);
    return memory;
  };
  const get = (index: number, at: number): number => words()[results + index * resultWords + at]!;
  const read: BatchResults = {
    succeeded: (index) => get(index, field.status) === succeeded,
    error: (index) => describeStatus(get(index, field.status)),
    isRejected: (index) => get(index, field.status) === assumptionFailed,
    gasUsed: (index) => (BigInt(get(index, field.gasUsed + 1)) << 32n) | BigInt(get(index, field.gasUsed)),
    found: (index) => get(index, field.found),
    failedAssertions: (index) => get(index, field.failed),
    fingerprint: (index) => (get(index, field.print + 1) >>> 11) * 2 ** 32 + get(index, field.print),
    comparisons(index) {
      const from = get(index, field.compared) >>> 2;
      const count = ((get(index, field.comparedEnd) >>> 2) - from) / comparisonWords;
      return { words: words(), begin: records + from, count };
    },
    outputLength: (index) => get(index, field.outputLength),
    output(index) {
      if (!wantsOutput(index)) return new Uint8Array();
      const start = (calls.batchOutputsStart() >>> 0) + get(index, field.output);
      return machine.bytes().slice(start, start + get(index, field.outputLength));
    },
  };
  return {
    read,
    begin() {
      results = (calls.batchResultsStart() >>> 0) >>> 2;
      records = (calls.recordsStart(comparisonRegion) >>> 0) >>> 2;
    },
  };
}
