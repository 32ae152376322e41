// Runs core's pipeline in a thread of its own, so that a detector that never returns can be stopped from outside.
import { parentPort, workerData } from "node:worker_threads";
import type { Plain } from "@testudo/core/model/canonicalJson";
import type { Input } from "@testudo/core/model/Input";
import type { Undo } from "@testudo/core/model/Memory";
import type { Output } from "@testudo/core/model/Output";
import { openState, step } from "@testudo/core/pipeline";
import { loadProgram, type ProgramSource } from "./programSource.ts";

/** What the worker is started with. `progress[0]` = index of the running detector + 1 (0: none), `progress[1]` counts runs. */
export interface StepWorkerData {
  readonly source: ProgramSource;
  readonly cells: readonly (readonly [string, Plain])[];
  readonly undo: readonly Undo[];
  readonly progress: SharedArrayBuffer;
}

export type StepRequest = { readonly id: number; readonly input: Input };
export type StepReply =
  | { readonly kind: "ready"; readonly detectors: readonly string[] }
  | { readonly kind: "stepped"; readonly id: number; readonly outputs: readonly Output[] }
  | { readonly kind: "failed"; readonly id: number; readonly name: string; readonly message: string };

const port = parentPort;
if (port === null) throw new Error("stepWorker runs as a worker thread only.");
const { source, cells, undo, progress } = workerData as StepWorkerData;
const program = await loadProgram(source);
const state = openState(cells, undo);
const beat = new Int32Array(progress);

const onDetector = (index: number) => {
  Atomics.store(beat, 0, index + 1);
  Atomics.add(beat, 1, 1);
};

port.on("message", ({ id, input }: StepRequest) => {
  try {
    const { outputs } = step(program, state, input, onDetector);
    port.postMessage({ kind: "stepped", id, outputs } satisfies StepReply);
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    port.postMessage({ kind: "failed", id, name, message } satisfies StepReply);
  }
});
port.postMessage({ kind: "ready", detectors: program.detectors.map((use) => use.meta.id) } satisfies StepReply);
