import type { CallFrame, FrameLog } from "@testudo/core/model/BlockBundle";

/** One call of a transaction's tree with its gas, as a tracer of geth has it. It serves as a `CallFrame` too. */
export interface TracedFrame extends CallFrame {
  /** What the frame was given; the root's is the transaction's limit. */
  readonly gas: bigint;
  /** What it used; the root's is the transaction's, refunds taken off. */
  readonly gasUsed: bigint;
  readonly calls: readonly TracedFrame[];
  readonly logs: readonly TracedLog[];
}

export interface TracedLog extends FrameLog {
  /** How many calls the frame had made before it. */
  readonly position: number;
  /** Its number in the transaction; a log that was taken back leaves its number to the next. */
  readonly index: number;
}
