// Runs core's pipeline in a thread of its own, so that a detector that never returns can be stopped from outside.
import { parentPort, workerData } from "node:worker_threads";
import type { Plain } from "@testudo/core/model/canonicalJson";
import { fingerprintsOf } from "@testudo/core/model/fingerprintOf";
import type { Hex } from "@testudo/core/model/Hex";
import type { Input } from "@testudo/core/model/Input";
import type { Undo } from "@testudo/core/model/Memory";
import type { Output } from "@testudo/core/model/Output";
import type { Program } from "@testudo/core/model/Program";
import { keyOfRead, type StateAnswer, type StateRead } from "@testudo/core/model/StateRead";
import { openState, step } from "@testudo/core/pipeline";
import { guardDeterminism } from "./guardDeterminism.ts";
import { loadProgram, type ProgramSource } from "./programSource.ts";

/** What the worker is started with. `progress[0]` = index of the running detector + 1 (0: none), `progress[1]` counts runs. */
export interface StepWorkerData {
  readonly source: ProgramSource;
  /** Whose playbooks answer, where they are not those of `source`. */
  readonly playbooksOf?: ProgramSource;
  readonly deliverHistory: boolean;
  /** Whether the program keeps its policy and its playbooks. */
  readonly mayAct: boolean;
  readonly cells: readonly (readonly [string, Plain])[];
  readonly undo: readonly Undo[];
  readonly progress: SharedArrayBuffer;
}

/** `known`: answers that came along, so that a read among them needs no way to the main thread and back. */
export interface StepOrder {
  readonly input: Input;
  readonly known: readonly (readonly [key: string, answer: StateAnswer])[];
}

/** Inputs to be taken one after the other, up to the first whose outputs ask for something. */
export type StepRequest = { readonly id: number; readonly orders: readonly StepOrder[] };

/** Loads the program that is to run from the next `rules` input on; until then the one before goes on. */
export type PrepareRequest = { readonly id: number; readonly prepare: ProgramSource };

/** The detectors of a program in their order, and the hash of what each is made of. */
export interface Loaded {
  readonly detectors: readonly string[];
  readonly fingerprints: { readonly [id: string]: Hex };
}

/** How long a detector ran. `startedAtMs` in Unix ms, by the thread's steady clock. */
export interface DetectorRun {
  readonly detector: string;
  readonly startedAtMs: number;
  readonly ms: number;
}

/** A detector that did not judge a block as it should. */
export interface DetectorFault {
  readonly detector: string;
  readonly what: "threw" | "timed-out" | "died" | "endless-reads" | "not-applicable" | "degraded";
}

/** What came of one input. */
export interface StepDone {
  readonly outputs: readonly Output[];
  readonly used: readonly StateRead[];
  readonly runs: readonly DetectorRun[];
  readonly faults: readonly DetectorFault[];
}

export type StepReply =
  | ({ readonly kind: "ready" } & Loaded)
  | ({ readonly kind: "prepared"; readonly id: number } & Loaded)
  | { readonly kind: "stepped"; readonly id: number; readonly done: readonly StepDone[] }
  | { readonly kind: "failed"; readonly id: number; readonly name: string; readonly message: string };

const port = parentPort;
if (port === null) throw new Error("stepWorker runs as a worker thread only.");
const { source, playbooksOf, deliverHistory, mayAct, cells, undo, progress } = workerData as StepWorkerData;
// The detector that runs now; ours is the only thread of its global, and detectors are not loaded yet.
let running: string | undefined;
// Taken before the guards: how long a detector takes is measured while it may not ask for the time.
const { timeOrigin } = performance;
const clockMs = performance.now.bind(performance);
guardDeterminism(globalThis, () => running);
let program = await load(source);
if (playbooksOf !== undefined) program = { ...program, playbooks: (await load(playbooksOf)).playbooks };
let prepared: Program | undefined;
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

port.on("message", (request: StepRequest | PrepareRequest) => {
  if ("prepare" in request) void prepare(request);
  else stepOn(request);
});

// How the watch was started holds for every program that runs in it, those of edited files too.
async function load(from: ProgramSource): Promise<Program> {
  const loaded = await loadProgram(from);
  const told = deliverHistory ? { ...loaded, deliverHistory } : loaded;
  return mayAct ? told : { ...told, policy: null, playbooks: [] };
}

function loadedOf({ detectors }: Program): Loaded {
  return { detectors: detectors.map((use) => use.meta.id), fingerprints: fingerprintsOf(detectors) };
}

async function prepare({ id, prepare: next }: PrepareRequest): Promise<void> {
  try {
    prepared = await load(next);
    port!.postMessage({ kind: "prepared", id, ...loadedOf(prepared) } satisfies StepReply);
  } catch (error) {
    fail(id, error);
  }
}

function fail(id: number, error: unknown): void {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  port!.postMessage({ kind: "failed", id, name, message } satisfies StepReply);
}

function stepOn({ id, orders }: StepRequest): void {
  const done: StepDone[] = [];
  try {
    for (const order of orders) {
      done.push(stepOne(order));
      if (askOf(done.at(-1)!.outputs) !== undefined) break;
    }
    port!.postMessage({ kind: "stepped", id, done } satisfies StepReply);
  } catch (error) {
    fail(id, error);
  } finally {
    running = undefined;
  }
}

function stepOne({ input, known }: StepOrder): StepDone {
  // No block is under judgement when this input comes: the change lies between two blocks.
  if (input.kind === "rules" && prepared !== undefined) {
    // What answers belongs to a start, as the policy does: an edit of it is told then.
    program = { ...prepared, playbooks: program.playbooks };
    prepared = undefined;
  }
  [runs, faults] = [[], []];
  const answers = new Map(known);
  const asked = new Map<string, StateRead>();
  const foreseen = (read: StateRead): StateAnswer | undefined => {
    const answer = answers.get(keyOfRead(read));
    if (answer !== undefined) asked.set(keyOfRead(read), read);
    return answer;
  };
  let { outputs } = step(program, state, input, onDetector, onFault, answers.size > 0 ? foreseen : undefined);
  for (let ask = askOf(outputs); ask !== undefined; ask = askOf(outputs)) {
    const keyed = ask.reads.map((read) => [keyOfRead(read), foreseen(read)] as const);
    if (!keyed.every((entry): entry is readonly [string, StateAnswer] => entry[1] !== undefined)) break;
    const reads: Input = { kind: "reads", blockHash: ask.ref.hash, answers: keyed };
    ({ outputs } = step(program, state, reads, onDetector, onFault));
  }
  return { outputs, used: [...asked.values()], runs, faults };
}
port.postMessage({ kind: "ready", ...loadedOf(program) } satisfies StepReply);

function askOf(outputs: readonly Output[]): Extract<Output, { kind: "ask" }> | undefined {
  const [first] = outputs;
  return first?.kind === "ask" ? first : undefined;
}
