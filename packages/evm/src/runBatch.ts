import type { Batch, BatchMessage } from "./Batch.ts";

/** A message of a batch. */
export interface BatchCall extends Omit<BatchMessage, "inputLength"> {
  readonly input: Uint8Array;
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

/** Runs messages in one crossing through an empty batch. */
export function runBatch(batch: Batch, given: readonly BatchCall[]): BatchResult[] {
  for (const { input, ...call } of given) batch.input(batch.add({ ...call, inputLength: input.length })).set(input);
  batch.run();
  return given.map((call, i) => resultOf(batch, i, call.wantsOutput === true));
}

function resultOf(batch: Batch, index: number, wantsOutput: boolean): BatchResult {
  const error = batch.error(index);
  return {
    succeeded: batch.succeeded(index),
    ...(error === undefined ? {} : { error }),
    ...(batch.isRejected(index) ? { isRejected: true } : {}),
    gasUsed: batch.gasUsed(index),
    outputLength: batch.outputLength(index),
    ...(wantsOutput ? { output: batch.output(index) } : {}),
    found: batch.found(index),
  };
}
