// Blocks are judged by `step`, the function that a live watch runs, with the inputs that a live watch gives it. Nothing in
// them tells a detector that it is being tested (DET-07).
import type { BlockBundle } from "@testudo/core/model/BlockBundle";
import type { ChainEvent } from "@testudo/core/model/ChainEvent";
import type { Finding } from "@testudo/core/model/Finding";
import type { Input } from "@testudo/core/model/Input";
import type { Output } from "@testudo/core/model/Output";
import type { Program } from "@testudo/core/model/Program";
import { keyOfRead, type StateAnswer, type StateRead } from "@testudo/core/model/StateRead";
import { openState, type PipelineState, step } from "@testudo/core/pipeline";
import { noteRunning } from "../jobs/step/runningDetector.ts";

type Ask = Extract<Output, { kind: "ask" }>;

/** Answers state reads at a block, as a node would. */
export type AnswerReads = (ref: Ask["ref"], reads: readonly StateRead[]) => Promise<readonly StateAnswer[]>;

/** What came of a block. */
export interface BlockVerdict {
  readonly findings: readonly Finding[];
  /** Detectors that threw on it, with what they threw. */
  readonly failed: ReadonlyMap<string, string>;
  /** How long the pipeline took, reading left out. */
  readonly ms: number;
}

/** A pipeline that has seen the blocks given to it so far. */
export interface PipelineJudge {
  judge(bundle: BlockBundle, answer: AnswerReads): Promise<BlockVerdict>;
  /** Takes what is no block: a reorg, finality, a trouble of the stream. */
  take(input: Exclude<ChainEvent, { kind: "block" }> | Extract<Input, { kind: "trouble" }>): void;
}

/** Opens a pipeline for `program` that has seen nothing. */
export function openPipelineJudge(program: Program): PipelineJudge {
  let state: PipelineState = openState();
  let ms = 0;
  let failed = new Map<string, string>();
  const onFault = (detector: string, { what, message }: { what: string; message: string }) => {
    if (what === "threw") failed.set(detector, message);
  };

  const onDetector = noteRunning(program);

  function take(input: Input): readonly Output[] {
    const start = performance.now();
    const stepped = step(program, state, input, onDetector, onFault);
    ms += performance.now() - start;
    state = stepped.state;
    return stepped.outputs;
  }

  return {
    async judge(bundle, answer) {
      ms = 0;
      failed = new Map();
      let outputs = take({ kind: "block", bundle, phase: "live", receivedAtMs: 0 });
      for (let ask = askOf(outputs); ask !== undefined; ask = askOf(outputs)) {
        const answers = await answer(ask.ref, ask.reads);
        const keyed = ask.reads.map((read, i) => [keyOfRead(read), answers[i]!] as const);
        outputs = take({ kind: "reads", blockHash: ask.ref.hash, answers: keyed });
      }
      const records = outputs.flatMap((output) => (output.kind === "commit" ? output.records : []));
      return { findings: records.filter((record) => record.kind === "Finding"), failed, ms };
    },
    take: (input) => void take(input),
  };
}

function askOf(outputs: readonly Output[]): Ask | undefined {
  return outputs.find((output) => output.kind === "ask");
}
