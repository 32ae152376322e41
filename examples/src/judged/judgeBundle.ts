import type { StateReader } from "@testudo/chain/state/readState";
import { zeroConfigDetectors } from "@testudo/core/detectors/zeroConfig";
import type { BlockBundle } from "@testudo/core/model/BlockBundle";
import type { Finding } from "@testudo/core/model/Finding";
import { type Address, toLower } from "@testudo/core/model/Hex";
import type { Input } from "@testudo/core/model/Input";
import type { Output } from "@testudo/core/model/Output";
import type { Program } from "@testudo/core/model/Program";
import { keyOfRead } from "@testudo/core/model/StateRead";
import { openState, type PipelineState, step } from "@testudo/core/pipeline";

/** A watcher: what it runs and what it remembers of the blocks so far. */
export interface Watch {
  readonly program: Program;
  state: PipelineState;
}

/** A watcher of `protect` as `watch --protect` starts it: the zero-configuration detectors, nothing learned, no policy. */
export function openWatch(chainId: number, protect: readonly Address[]): Watch {
  const watched = protect.map(toLower);
  const program: Program = { chainId, watched, detectors: zeroConfigDetectors(), playbooks: [], policy: null };
  return { program, state: openState() };
}

/**
 * Runs `bundle` through the production `step` and returns the findings of its block. The reads that `step` asks for are
 * answered by `reader`. Throws what the reader throws, and `StreamBroken` when the bundle does not follow on the last.
 */
export async function judgeBundle(watch: Watch, bundle: BlockBundle, reader: StateReader): Promise<Finding[]> {
  let outputs = take(watch, { kind: "block", bundle, phase: "live", receivedAtMs: 0 });
  for (let ask = askOf(outputs); ask !== undefined; ask = askOf(outputs))
    outputs = take(watch, { kind: "reads", blockHash: ask.ref.hash, answers: await answer(reader, ask) });
  const records = outputs.flatMap((output) => (output.kind === "commit" ? output.records : []));
  return records.filter((record) => record.kind === "Finding");
}

async function answer(reader: StateReader, { ref, reads }: Extract<Output, { kind: "ask" }>) {
  const answers = await reader.read(ref, reads);
  return reads.map((read, i) => [keyOfRead(read), answers[i]!] as const);
}

function take(watch: Watch, input: Input): readonly Output[] {
  const { state, outputs } = step(watch.program, watch.state, input);
  watch.state = state;
  return outputs;
}

function askOf(outputs: readonly Output[]): Extract<Output, { kind: "ask" }> | undefined {
  return outputs.find((output) => output.kind === "ask");
}
