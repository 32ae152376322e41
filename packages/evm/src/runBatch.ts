import type { Address } from "./hex.ts";
import type { Machine } from "./Machine.ts";
import { drive } from "./Miss.ts";
import { assumptionFailed, describeStatus, succeeded } from "./status.ts";
import { EngineMemoryExhausted, type World } from "./World.ts";

/** A message of a batch. */
export interface BatchCall {
  readonly from: Address;
  readonly to: Address;
  readonly value?: bigint;
  readonly input: Uint8Array;
  readonly gas: bigint;
  readonly isStatic?: boolean;
  /** The output is wanted. */
  readonly wantsOutput?: boolean;
  /** What is taken back after it: what it wrote, or everything since the batch began. */
  readonly takesBack?: "itself" | "batch";
}

export interface BatchResult {
  readonly succeeded: boolean;
  readonly error?: string;
  /** vm.assume(false) ended it. */
  readonly isRejected?: true;
  readonly gasUsed: bigint;
  /** Bytes that it returned; their content only where it was wanted. */
  readonly outputLength: number;
  readonly output?: Uint8Array;
  /** Basic blocks and edges that it was the first to run. */
  readonly found: number;
}

// As `assembly/batch.ts` lays them out.
const callBytes = 64;
const resultBytes = 24;
const flag = { takesBackBatch: 1, takesBackItself: 2, isStatic: 4, wantsOutput: 8 };

/** Runs messages in one crossing. */
export function runBatch(machine: Machine, world: World, coinbase: Address, given: readonly BatchCall[]): BatchResult[] {
  const { calls } = machine;
  const indices = new Map<Address, number>();
  const indexOf = (address: Address): number => {
    const known = indices.get(address);
    if (known !== undefined) return known;
    const index = drive(world.need(address));
    indices.set(address, index);
    return index;
  };
  const payer = indexOf(coinbase);
  for (const call of given) {
    indexOf(call.from);
    indexOf(call.to);
  }
  const inputBytes = given.reduce((sum, call) => sum + call.input.length, 0);
  const start = calls.roomForBatch(given.length, inputBytes, payer) >>> 0;
  if (start === 0) throw new EngineMemoryExhausted();
  const data = machine.data();
  const bytes = machine.bytes();
  let input = given.length * callBytes;
  for (const [i, call] of given.entries()) {
    const at = start + i * callBytes;
    data.setUint32(at, flagsOf(call), true);
    data.setUint32(at + 4, indexOf(call.from), true);
    data.setUint32(at + 8, indexOf(call.to), true);
    data.setUint32(at + 12, input, true);
    data.setUint32(at + 16, call.input.length, true);
    data.setBigInt64(at + 24, call.gas, true);
    machine.writeWord(at + 32, call.value ?? 0n);
    bytes.set(call.input, start + input);
    input += call.input.length;
  }
  const mark = calls.snapshot();
  const done = calls.runBatch(given.length) >>> 0;
  if (done < given.length) {
    calls.rollback(mark);
    throw calls.isExhausted() ? new EngineMemoryExhausted() : new BatchMissesState(done);
  }
  return given.map((_, i) => readResult(machine, i, given[i]!));
}

function flagsOf(call: BatchCall): number {
  return (
    (call.takesBack === "batch" ? flag.takesBackBatch : 0) |
    (call.takesBack === "itself" ? flag.takesBackItself : 0) |
    (call.isStatic ? flag.isStatic : 0) |
    (call.wantsOutput ? flag.wantsOutput : 0)
  );
}

function readResult(machine: Machine, i: number, call: BatchCall): BatchResult {
  const data = machine.data();
  const at = (machine.calls.batchResultsStart() >>> 0) + i * resultBytes;
  const status = data.getUint32(at, true);
  const error = describeStatus(status);
  const outputLength = data.getUint32(at + 8, true);
  const output = (machine.calls.batchOutputsStart() >>> 0) + data.getUint32(at + 4, true);
  return {
    succeeded: status === succeeded,
    ...(error === undefined ? {} : { error }),
    ...(status === assumptionFailed ? { isRejected: true } : {}),
    gasUsed: data.getBigInt64(at + 16, true),
    outputLength,
    ...(call.wantsOutput ? { output: machine.bytes().slice(output, output + outputLength) } : {}),
    found: data.getUint32(at + 12, true),
  };
}

/** Thrown where a call of a batch needs state that was not loaded; nothing of the batch is kept. Not retryable as it is. */
export class BatchMissesState extends Error {
  override readonly name = "BatchMissesState";
  constructor(index: number) {
    super(
      `Call ${index} of the batch needs state that was not loaded.\n- Run it once with \`callAsync\`, which loads it, and the batch after that.`,
    );
  }
}
