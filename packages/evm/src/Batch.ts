// Messages in one crossing, laid out as the machine reads them: written once, changed in place, run as often as wanted. At a
// microsecond a call, objects and copies for each would cost more than the calls.
import type { Address } from "./hex.ts";
import type { Machine } from "./Machine.ts";
import { drive, type Miss, StateNotLoaded } from "./Miss.ts";
import { missOf } from "./runMessage.ts";
import { assumptionFailed, describeStatus, succeeded } from "./status.ts";
import { EngineMemoryExhausted, type World } from "./World.ts";

/** A message of a batch, without its call data. */
export interface BatchMessage {
  readonly from: Address;
  readonly to: Address;
  readonly value?: bigint;
  readonly gas: bigint;
  readonly inputLength: number;
  readonly isStatic?: boolean;
  /** The output is wanted. */
  readonly wantsOutput?: boolean;
  /** Its comparisons are kept `always`, also where nothing new ran, or `never`. Default: where something new ran. */
  readonly keepsComparisons?: "always" | "never";
  /** Seconds that pass before it, with one block every twelve. */
  readonly seconds?: number;
  /** What is taken back after it: what it wrote, or everything since the batch began. */
  readonly takesBack?: "itself" | "batch";
}

export interface Batch {
  /** How many messages it holds. */
  readonly length: number;
  /** Adds a message and gives its number. Its call data is zero until it is written. */
  add(message: BatchMessage): number;
  /** The call data of a message, to be written in place; good until the next `add`. */
  input(index: number): Uint8Array;
  /** Empties it. */
  clear(): void;
  /** Changes who sends it. */
  setSender(index: number, from: Address): void;
  /** Makes a message do nothing, for good: it calls `nobody`, where no code stands, with neither value nor data. */
  mute(index: number, nobody: Address): void;
  /** Runs all messages; throws `BatchMissesState` at one that misses state, and then nothing has run. */
  run(): void;
  /* What the last run gave, until the next run of any batch of this engine. */
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
 * Comparisons of one message, each 18 numbers of 32 bits: the offset in the code, with the operation's byte highest; the code; the
 * two operands, lowest bits first.
 */
export interface ComparisonRecords {
  readonly words: Uint32Array;
  readonly count: number;
}

// As `assembly/Hooks.ts` lays them out.
const comparisonRegion = 2;
const comparisonBytes = 72;
// As `assembly/batch.ts` lays them out.
const callBytes = 64;
const resultBytes = 48;
const flag = {
  takesBackBatch: 1,
  takesBackItself: 2,
  isStatic: 4,
  wantsOutput: 8,
  keepsComparisons: 16,
  noComparisons: 32,
};

/** An empty batch. `begin` gives the number of the coinbase, or throws where nothing may run now. */
export function openBatch(machine: Machine, world: World, begin: () => number): Batch {
  const { calls } = machine;
  let length = 0;
  // Who sends and who is called, by message: their indices in the table are those of one generation of the world.
  const parties: { from: Address; to: Address }[] = [];
  let { generation } = world;
  // Calls and call data grow apart, and are laid one behind the other on their way in.
  let table = new Uint8Array(callBytes * 16);
  let tableView = new DataView(table.buffer);
  let inputs = new Uint8Array(1024);
  let inputBytes = 0;

  // To find an account costs more than to write all else of a message.
  const numbers = new Map<Address, number>();
  function indexOf(address: Address): number {
    const known = numbers.get(address);
    if (known !== undefined && generation === world.generation) return known;
    const number = drive(world.need(address));
    numbers.set(address, number);
    return number;
  }
  function setParties(index: number): void {
    const { from, to } = parties[index]!;
    tableView.setUint32(index * callBytes + 4, indexOf(from), true);
    tableView.setUint32(index * callBytes + 8, indexOf(to), true);
  }
  /** Finds all accounts again where indices of before are void. */
  function renew(): void {
    if (generation === world.generation) return;
    numbers.clear();
    for (const index of parties.keys()) {
      try {
        setParties(index);
      } catch (error) {
        throw error instanceof StateNotLoaded ? new BatchMissesState(index, error.miss) : error;
      }
    }
    generation = world.generation;
  }

  // To ask where they stand is a way over the border, and a search asks several things of each message.
  let results = 0;
  // What is covered once is nobody's find again: of a run that missed state the finds are counted to the run that does not.
  let carried: number[] = [];
  let hasMissed = false;
  const foundBy = (index: number): number => machine.data().getUint32(resultOf(index) + 12, true);
  const resultOf = (index: number): number => results + index * resultBytes;
  const statusOf = (index: number): number => machine.data().getUint32(resultOf(index), true);

  return {
    get length() {
      return length;
    },
    add(message) {
      const at = length * callBytes;
      if (at + callBytes > table.length) {
        table = withRoom(table, at + callBytes);
        tableView = new DataView(table.buffer);
      }
      inputs = withRoom(inputs, inputBytes + message.inputLength);
      tableView.setUint32(at, flagsOf(message), true);
      parties[length] = { from: message.from, to: message.to };
      setParties(length);
      tableView.setUint32(at + 12, inputBytes, true);
      tableView.setUint32(at + 16, message.inputLength, true);
      tableView.setUint32(at + 20, message.seconds ?? 0, true);
      tableView.setBigUint64(at + 24, message.gas, true);
      writeValue(tableView, at + 32, message.value ?? 0n);
      // What an earlier message left there.
      inputs.fill(0, inputBytes, inputBytes + message.inputLength);
      inputBytes += message.inputLength;
      return length++;
    },
    input(index) {
      const start = tableView.getUint32(index * callBytes + 12, true);
      return inputs.subarray(start, start + tableView.getUint32(index * callBytes + 16, true));
    },
    clear() {
      length = 0;
      inputBytes = 0;
      parties.length = 0;
      hasMissed = false;
    },
    setSender(index, from) {
      tableView.setUint32(index * callBytes + 4, indexOf(from), true);
      parties[index]!.from = from;
    },
    mute(index, nobody) {
      parties[index]!.to = nobody;
      setParties(index);
      tableView.setUint32(index * callBytes + 16, 0, true);
      writeValue(tableView, index * callBytes + 32, 0n);
    },
    run() {
      if (length === 0) return;
      const coinbase = begin();
      renew();
      if (!hasMissed) carried = [];
      hasMissed = false;
      const start = calls.roomForBatch(length, inputBytes, coinbase) >>> 0;
      if (start === 0) throw new EngineMemoryExhausted();
      const bytes = machine.bytes();
      bytes.set(table.subarray(0, length * callBytes), start);
      bytes.set(inputs.subarray(0, inputBytes), start + length * callBytes);
      const mark = calls.snapshot();
      const done = calls.runBatch(length) >>> 0;
      results = calls.batchResultsStart() >>> 0;
      if (done === length) return;
      hasMissed = true;
      for (let i = 0; i < done; i++) carried[i] = (carried[i] ?? 0) + foundBy(i);
      const isExhausted = calls.isExhausted();
      const missed = isExhausted ? undefined : missOf(machine);
      calls.abandonRun(mark);
      throw missed === undefined ? new EngineMemoryExhausted() : new BatchMissesState(done, missed);
    },
    succeeded: (index) => statusOf(index) === succeeded,
    error: (index) => describeStatus(statusOf(index)),
    isRejected: (index) => statusOf(index) === assumptionFailed,
    gasUsed: (index) => machine.data().getBigInt64(resultOf(index) + 16, true),
    found: (index) => foundBy(index) + (carried[index] ?? 0),
    failedAssertions: (index) => machine.data().getUint32(resultOf(index) + 32, true),
    fingerprint(index) {
      const data = machine.data();
      const at = resultOf(index) + 40;
      return (data.getUint32(at + 4, true) >>> 11) * 2 ** 32 + data.getUint32(at, true);
    },
    comparisons(index) {
      const data = machine.data();
      const start = machine.calls.recordsStart(comparisonRegion) >>> 0;
      const at = resultOf(index);
      const begin = data.getUint32(at + 24, true);
      const count = (data.getUint32(at + 28, true) - begin) / comparisonBytes;
      return { words: new Uint32Array(data.buffer, start + begin, (count * comparisonBytes) / 4), count };
    },
    outputLength: (index) => machine.data().getUint32(resultOf(index) + 8, true),
    output(index) {
      const wanted = (tableView.getUint32(index * callBytes, true) & flag.wantsOutput) !== 0;
      if (!wanted) return new Uint8Array();
      const data = machine.data();
      const start = (calls.batchOutputsStart() >>> 0) + data.getUint32(resultOf(index) + 4, true);
      return machine.bytes().slice(start, start + data.getUint32(resultOf(index) + 8, true));
    },
  };
}

function withRoom(bytes: Uint8Array<ArrayBuffer>, needed: number): Uint8Array<ArrayBuffer> {
  if (needed <= bytes.length) return bytes;
  const grown = new Uint8Array(Math.max(needed, bytes.length * 2));
  grown.set(bytes);
  return grown;
}

function writeValue(view: DataView, at: number, value: bigint): void {
  // Most calls send none.
  if (value === 0n) for (let i = 0; i < 32; i += 4) view.setUint32(at + i, 0, true);
  else
    for (let limb = 0; limb < 4; limb++)
      view.setBigUint64(at + limb * 8, BigInt.asUintN(64, value >> BigInt(limb * 64)), true);
}

function flagsOf(message: BatchMessage): number {
  return (
    (message.takesBack === "batch" ? flag.takesBackBatch : 0) |
    (message.takesBack === "itself" ? flag.takesBackItself : 0) |
    (message.isStatic === true ? flag.isStatic : 0) |
    (message.wantsOutput === true ? flag.wantsOutput : 0) |
    (message.keepsComparisons === "always" ? flag.keepsComparisons : 0) |
    (message.keepsComparisons === "never" ? flag.noComparisons : 0)
  );
}

/** Thrown where a call of a batch needs state that was not loaded; nothing of the batch is kept. Not retryable as it is. */
export class BatchMissesState extends Error {
  override readonly name = "BatchMissesState";
  /** The message's number, and what it needs first. */
  readonly index: number;
  readonly miss: Miss;
  constructor(index: number, miss: Miss) {
    super(
      `Call ${index} of the batch needs state that was not loaded.\n- Run it once with \`callAsync\`, which loads it, and the batch after that.`,
    );
    this.index = index;
    this.miss = miss;
  }
}
