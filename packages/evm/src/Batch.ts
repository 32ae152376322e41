// Messages in one crossing, laid out as the machine reads them: written once, changed in place, run as often as wanted. At a
// microsecond a call, objects and copies for each would cost more than the calls.

import { assertWord } from "./assertFits.ts";
import { assertGas } from "./assertGas.ts";
import { type BatchResults, openResults } from "./BatchResults.ts";
import type { Address } from "./hex.ts";
import type { Machine } from "./Machine.ts";
import { drive, type Give, type Miss, StateNotLoaded } from "./Miss.ts";
import { missOf } from "./runMessage.ts";
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

export interface Batch extends BatchResults {
  /** How many messages it holds. */
  readonly length: number;
  /** Adds a message and gives its number. Its call data is zero until it is written. Throws `GasOutOfRange`. */
  add(message: BatchMessage): number;
  /** Adds a message like the one with this number, call data included. */
  addAgain(index: number): number;
  /** The call data of a message, to be written in place; good until the next `add`. */
  input(index: number): Uint8Array;
  /** Empties it. */
  clear(): void;
  /** Changes who sends it. */
  setSender(index: number, from: Address): void;
  /** Makes a message do nothing, for good: it calls `nobody`, where no code stands, with neither value nor data. */
  mute(index: number, nobody: Address): void;
  /** Runs all messages; throws `BatchMissesState` at one that misses state which nobody gives at once, and then nothing has run. */
  run(): void;
}

// As `assembly/batch.ts` lays them out.
const callBytes = 64;
const flag = {
  takesBackBatch: 1,
  takesBackItself: 2,
  isStatic: 4,
  wantsOutput: 8,
  keepsComparisons: 16,
  noComparisons: 32,
};

/**
 * An empty batch. `begin` gives the number of the coinbase, or throws where nothing may run now; `give` puts in what is missing,
 * and the batch runs again.
 */
export function openBatch(machine: Machine, world: World, begin: () => number, give?: Give): Batch {
  const { calls } = machine;
  let length = 0;
  // Who sends and who is called, by message: their indices in the table are those of one generation of the world.
  const parties: { readonly from: Address; readonly to: Address }[] = [];
  let { generation } = world;
  // Calls and call data grow apart, and are laid one behind the other on their way in.
  let table = new Uint8Array(callBytes * 16);
  let tableView = new DataView(table.buffer);
  let inputs = new Uint8Array(1024);
  let inputBytes = 0;

  function reserve(at: number): void {
    if (at + callBytes <= table.length) return;
    table = withRoom(table, at + callBytes);
    tableView = new DataView(table.buffer);
  }

  // To find an account costs more than to write all else of a message.
  const numbers = new Map<Address, number>();
  function indexOf(address: Address): number {
    const known = numbers.get(address);
    if (known !== undefined && generation === world.generation) return known;
    const number = drive(world.need(address), give);
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

  const results = openResults(
    machine,
    (index) => (tableView.getUint32(index * callBytes, true) & flag.wantsOutput) !== 0,
  );
  // What is covered once is nobody's find again: of a run that missed state the finds are counted to the run that does not.
  let carried: number[] = [];
  let hasMissed = false;

  return {
    ...results.read,
    found: (index) => results.read.found(index) + (carried[index] ?? 0),
    get length() {
      return length;
    },
    add(message) {
      assertGas(message.gas);
      const at = length * callBytes;
      reserve(at);
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
    addAgain(index) {
      const [from, at] = [index * callBytes, length * callBytes];
      reserve(at);
      table.copyWithin(at, from, from + callBytes);
      parties[length] = parties[index]!;
      const [start, bytes] = [tableView.getUint32(from + 12, true), tableView.getUint32(from + 16, true)];
      inputs = withRoom(inputs, inputBytes + bytes);
      inputs.copyWithin(inputBytes, start, start + bytes);
      tableView.setUint32(at + 12, inputBytes, true);
      inputBytes += bytes;
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
      parties[index] = { from, to: parties[index]!.to };
    },
    mute(index, nobody) {
      parties[index] = { from: parties[index]!.from, to: nobody };
      setParties(index);
      tableView.setUint32(index * callBytes + 16, 0, true);
      writeValue(tableView, index * callBytes + 32, 0n);
    },
    run() {
      if (length === 0) return;
      for (let missed = runOnce(); missed !== undefined; missed = runOnce()) {
        if (give === undefined) throw missed;
        give(missed.miss);
      }
    },
  };

  /** What it misses; undefined once all has run. */
  function runOnce(): BatchMissesState | undefined {
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
    results.begin();
    if (done === length) return undefined;
    hasMissed = true;
    // What the one that missed has found is its own only where it runs again as it is.
    const kept = give === undefined ? done : done + 1;
    for (let i = 0; i < kept; i++) carried[i] = (carried[i] ?? 0) + results.read.found(i);
    const isExhausted = calls.isExhausted();
    const missed = isExhausted ? undefined : missOf(machine);
    calls.abandonRun(mark);
    if (missed === undefined) throw new EngineMemoryExhausted();
    return new BatchMissesState(done, missed);
  }
}

function withRoom(bytes: Uint8Array<ArrayBuffer>, needed: number): Uint8Array<ArrayBuffer> {
  if (needed <= bytes.length) return bytes;
  const grown = new Uint8Array(Math.max(needed, bytes.length * 2));
  grown.set(bytes);
  return grown;
}

function writeValue(view: DataView, at: number, value: bigint): void {
  // Most calls send none.
  assertWord(value);
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
