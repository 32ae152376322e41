// Runs core's pipeline in a thread of its own, so that a detector that never returns can be stopped from outside.
import { parentPort, workerData } from "node:worker_threads";
import type { Plain } from "@testudo/core/model/canonicalJson";
import type { Input } from "@testudo/core/model/Input";
import type { Undo } from "@testudo/core/model/Memory";
import type { Output } from "@testudo/core/model/Output";
import { keyOfRead, type StateAnswer, type StateRead } from "@testudo/core/model/StateRead";
import { openState, step } from "@testudo/core/pipeline";
import { guardDeterminism } from "./guardDeterminism.ts";
import { loadProgram, type ProgramSource } from "./programSource.ts";

/** What the worker is started with. `progress[0]` = index of the running detector + 1 (0: none), `progress[1]` counts runs. */
export interface StepWorkerData {
  readonly source: ProgramSource;
  readonly cells: readonly (readonly [string, Plain])[];
  readonly undo: readonly Undo[];
  readonly progress: SharedArrayBuffer;
}

/** `known`: answers that came along, so that a read among them needs no way to the main thread and back. */
export type StepRequest = {
  readonly id: number;
  readonly input: Input;
  readonly known: readonly (readonly [key: string, answer: StateAnswer])[];
};
/** How long a detector ran. `startedAtMs` in Unix ms, by the thread's steady clock. */
export interface DetectorRun {
  readonly detector: string;
  readonly startedAtMs: number;
  readonly ms: number;
}

/** A detector that did not judge a block as it should. */
export interface DetectorFault {
  readonly detector: string;
  readonly what: "threw" | "timed-out" | "endless-reads" | "not-applicable" | "degraded";
}

export type StepReply =
  | { readonly kind: "ready"; readonly detectors: readonly string[] }
  | {
      readonly kind: "stepped";
      readonly id: number;
      readonly outputs: readonly Output[];
      readonly used: readonly StateRead[];
      readonly runs: readonly DetectorRun[];
      readonly faults: readonly DetectorFault[];
    }
  | { readonly kind: "failed"; readonly id: number; readonly name: string; readonly message: string };

const port = parentPort;
if (port === null) throw new Error("stepWorker runs as a worker thread only.");
const { source, cells, undo, progress } = workerData as StepWorkerData;
// The detector that runs now; ours is the only thread of its global, and detectors are not loaded yet.
let running: string | undefined;
// Taken before the guards: how long a detector takes is measured while it may not ask for the time.
const { timeOrigin } = performance;
const clockMs = performance.now.bind(performance);
guardDeterminism(globalThis, () => running);
const program = await loadProgram(source);
const state = openState(cells, undo);
const beat = new Int32Array(progress);

let runs: DetectorRun[] = [];
let faults: DetectorFault[] = [];
let startedMs = 0;

const onDetector = (index: number) => {
  const nowMs = clockMs();
  if (running !== undefined)
    runs.push({ detector: running, startedAtMs: timeOrigin + startedMs, ms: nowMs - startedMs });
  startedMs = nowMs;
  Atomics.store(beat, 0, index + 1);
  Atomics.add(beat, 1, 1);
  running = program.detectors[index]?.meta.id;
};
const onFault = (detector: string, { what }: Pick<DetectorFault, "what">) => void faults.push({ detector, what });

port.on("message", ({ id, input, known }: StepRequest) => {
  [runs, faults] = [[], []];
  try {
    const answers = new Map(known);
    const used: StateRead[] = [];
    let { outputs } = step(program, state, input, onDetector, onFault);
    for (let ask = askOf(outputs); ask !== undefined; ask = askOf(outputs)) {
      const keyed = ask.reads.map((read) => [keyOfRead(read), answers.get(keyOfRead(read))] as const);
      if (!keyed.every((entry): entry is readonly [string, StateAnswer] => entry[1] !== undefined)) break;
      used.push(...ask.reads);
      ({ outputs } = step(
        program,
        state,
        { kind: "reads", blockHash: ask.ref.hash, answers: keyed },
        onDetector,
        onFault,
      ));
    }
    port.postMessage({ kind: "stepped", id, outputs, used, runs, faults } satisfies StepReply);
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    port.postMessage({ kind: "failed", id, name, message } satisfies StepReply);
  } finally {
    running = undefined;
  }
});
port.postMessage({ kind: "ready", detectors: program.detectors.map((use) => use.meta.id) } satisfies StepReply);

function askOf(outputs: readonly Output[]): Extract<Output, { kind: "ask" }> | undefined {
  const [first] = outputs;
  return first?.kind === "ask" ? first : undefined;
}
