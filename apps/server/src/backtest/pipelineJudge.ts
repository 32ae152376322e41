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

type Ask = Extract<Output, { kind: "ask" }>;

/** Answers state reads at a block, as a node would. */
export type AnswerReads = (ref: Ask["ref"], reads: readonly StateRead[]) => Promise<readonly StateAnswer[]>;

/** A pipeline that has seen the blocks given to it so far. */
export interface PipelineJudge {
  /** The findings about `bundle`, and how long the pipeline took for it, reading left out (milliseconds). */
  judge(
    bundle: BlockBundle,
    answer: AnswerReads,
  ): Promise<{ readonly findings: readonly Finding[]; readonly ms: number }>;
  /** Takes what is no block: a reorg, finality, a trouble of the stream. */
  take(input: Exclude<ChainEvent, { kind: "block" }> | Extract<Input, { kind: "trouble" }>): void;
}

/** Opens a pipeline for `program` that has seen nothing. */
export function openPipelineJudge(program: Program): PipelineJudge {
  let state: PipelineState = openState();
  let ms = 0;

  function take(input: Input): readonly Output[] {
    const start = performance.now();
    const stepped = step(program, state, input);
    ms += performance.now() - start;
    state = stepped.state;
    return stepped.outputs;
  }

  return {
    async judge(bundle, answer) {
      ms = 0;
      let outputs = take({ kind: "block", bundle, phase: "live", receivedAtMs: 0 });
      for (let ask = askOf(outputs); ask !== undefined; ask = askOf(outputs)) {
        const answers = await answer(ask.ref, ask.reads);
        const keyed = ask.reads.map((read, i) => [keyOfRead(read), answers[i]!] as const);
        outputs = take({ kind: "reads", blockHash: ask.ref.hash, answers: keyed });
      }
      const records = outputs.flatMap((output) => (output.kind === "commit" ? output.records : []));
      return { findings: records.filter((record) => record.kind === "Finding"), ms };
    },
    take: (input) => void take(input),
  };
}

function askOf(outputs: readonly Output[]): Ask | undefined {
  return outputs.find((output) => output.kind === "ask");
}
