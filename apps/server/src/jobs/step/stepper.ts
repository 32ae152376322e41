import { getHeapStatistics } from "node:v8";
import type { Worker } from "node:worker_threads";
import type { Foresight } from "@testudo/chain/state/readAhead";
import type { Plain } from "@testudo/core/model/canonicalJson";
import type { Input } from "@testudo/core/model/Input";
import type { Undo } from "@testudo/core/model/Memory";
import type { Output } from "@testudo/core/model/Output";
import { endThread } from "../thread/endThread.ts";
import { startBounded } from "../thread/startBounded.ts";
import { type Exchange, exchange, type Running, StepFailed } from "./exchange.ts";
import type { ProgramSource } from "./programSource.ts";
import { type Loss, openTrials, type Trial } from "./retrial.ts";
import type { DetectorFault, DetectorRun, Loaded, PrepareRequest, StepReply, StepWorkerData } from "./stepWorker.ts";
import { timeFor } from "./timeFor.ts";

/** A pipeline state as it stands in the store. */
export interface StoredState {
  readonly cells: readonly (readonly [string, Plain])[];
  readonly undo: readonly Undo[];
}

/** The pipeline in its thread. One input at a time; the caller waits for the outputs before the next. */
export interface Stepper {
  /** With `foresight` a read whose answer is in it is not asked for: the same step, without the way back and forth. */
  step(input: Input, foresight?: Foresight): Promise<readonly Output[]>;
  /**
   * Takes several inputs in one exchange: the same outputs as of one after the other. Ends with the first that asks for
   * something, so that there may be fewer outputs than inputs; at least one.
   */
  stepMany(steps: readonly Foreseen[]): Promise<readonly (readonly Output[])[]>;
  /** The detectors that judge now. */
  loaded(): Loaded;
  /** Where they come from. */
  source(): ProgramSource;
  /**
   * Loads what shall judge from the next `rules` input on; until then everything stays as it is. Rejects with what loading
   * throws.
   */
  prepare(source: ProgramSource): Promise<Loaded>;
  close(): Promise<void>;
}

/** An input and what is known beforehand of what it will ask. */
export interface Foreseen {
  readonly input: Input;
  readonly foresight?: Foresight | undefined;
}

export interface StepperOptions {
  readonly source: ProgramSource;
  /** Whether findings of history are told (DET-09). Default: they are not. */
  readonly deliverHistory?: boolean;
  /** The state after everything that was committed; asked for at the start and after a worker had to be stopped. */
  readonly reload: () => Promise<StoredState>;
  /** How long one detector may run on one block, in milliseconds of wall time; longer on very large ones (`timeFor`). */
  readonly limitMs: number;
  /** Whether it may propose and act; left out, it may. A program that may not has neither policy nor playbooks. */
  readonly mayAct?: boolean;
  /** Megabytes that its thread may remember in its heap, and as many beside it. Default: as many as the process may. */
  readonly heapMb?: number;
  /** Whether the first thread that dies is the last; left out, what it judged is judged again in a new one. */
  readonly isMortal?: boolean;
  /** Told of each thread that was lost and is followed by another. */
  readonly onLost?: (loss: Loss) => void;
  readonly onStepped?: (stepped: SteppedRuns) => void;
}

/** What is told of each step: its input, what came of it, and which detectors ran for how long or failed. */
export interface SteppedRuns {
  readonly input: Input;
  readonly outputs: readonly Output[];
  readonly runs: readonly DetectorRun[];
  readonly faults: readonly DetectorFault[];
}

interface Prepared {
  readonly source: ProgramSource;
  readonly loaded: Loaded;
  readonly worker: Worker;
}

/** Starts the pipeline's thread. Rejects when the program cannot be loaded. */
export async function openStepper(options: StepperOptions): Promise<Stepper> {
  let source = options.source;
  let running = await start(options, source);
  let prepared: Prepared | undefined;
  let lastId = 0;
  const trialOf = openTrials();
  let detectorMs = options.limitMs;

  const prepare = async (next: ProgramSource): Promise<Loaded> => {
    lastId += 1;
    const { worker, death } = running;
    if (death !== undefined) throw new StepperLost(death);
    const loaded = await prepareIn(worker, { id: lastId, prepare: next });
    prepared = { source: next, loaded, worker };
    return loaded;
  };

  const swapRules = async (): Promise<void> => {
    if (prepared === undefined) return;
    if (running.death !== undefined) running = await start(options, source);
    // A worker that was stopped meanwhile took what was prepared with it.
    if (prepared.worker !== running.worker) await prepare(prepared.source);
    ({ source } = prepared);
    running.loaded = prepared.loaded;
    prepared = undefined;
  };

  const timeOf = ({ input }: Foreseen): number => {
    // Answers go on with the block that asked.
    if (input.kind !== "reads") detectorMs = timeFor(input, options.limitMs);
    return detectorMs;
  };

  const order = async (steps: readonly Foreseen[]): Promise<Exchange> => {
    lastId += 1;
    const orders = steps.map(({ input, foresight }) => ({ input, known: foresight?.answers ?? [] }));
    const result = await exchange(running, { id: lastId, orders }, Math.max(...steps.map(timeOf)));
    if (result.kind !== "done") return result;
    for (const [i, { outputs, runs, faults, used }] of result.done.entries()) {
      const { input, foresight } = steps[i]!;
      if (used.length > 0) foresight?.used(used);
      options.onStepped?.({ input, outputs, runs, faults });
    }
    return result;
  };

  /** Starts another thread in place of one that is lost, and says what it is given. */
  const follow = async (loss: Loss, trial: Trial): Promise<readonly Input[]> => {
    const again = loss.kind === "died" && options.isMortal ? undefined : trial.after(loss);
    await endThread(running.worker);
    running = await start(options, source);
    if (again === undefined) throw new StepperLost(loss.kind === "died" ? loss.reason : "no thread bears its input");
    options.onLost?.(loss);
    return again;
  };

  const ask = async (input: Input, foresight?: Foresight): Promise<readonly Output[]> => {
    if (input.kind === "rules") await swapRules();
    const trial = trialOf(input);
    for (let steps: readonly Foreseen[] = [{ input, foresight }]; ; ) {
      const result = await order(steps);
      if (result.kind === "done") return result.done.at(-1)!.outputs;
      steps = (await follow(result, trial)).map((again) => ({ input: again }));
    }
  };

  const askMany = async (steps: readonly Foreseen[]): Promise<readonly (readonly Output[])[]> => {
    const { input, foresight } = steps[0]!;
    if (steps.length === 1) return [await ask(input, foresight)];
    const result = await order(steps);
    if (result.kind === "done") {
      trialOf(steps[result.done.length - 1]!.input);
      return result.done.map(({ outputs }) => outputs);
    }
    // Nothing of them was told, and which of them the thread was lost on shows when they are taken one by one.
    await follow(result, trialOf(input));
    return [await ask(input, foresight)];
  };

  return {
    step: ask,
    stepMany: askMany,
    loaded: () => running.loaded,
    source: () => source,
    prepare,
    close: () => endThread(running.worker),
  };
}

function prepareIn(worker: Worker, request: PrepareRequest): Promise<Loaded> {
  return new Promise((resolve, reject) => {
    const clear = () => worker.off("message", onMessage).off("exit", onExit);
    const onExit = (code: number) => {
      clear();
      reject(new StepperLost(`it ended with code ${code} while loading`));
    };
    const onMessage = (reply: StepReply) => {
      if (reply.kind === "ready" || reply.id !== request.id) return;
      clear();
      if (reply.kind === "prepared") resolve({ detectors: reply.detectors, fingerprints: reply.fingerprints });
      else reject(reply.kind === "failed" ? new StepFailed(reply.name, reply.message) : new Error("unexpected reply"));
    };
    worker.on("message", onMessage).on("exit", onExit);
    worker.postMessage(request);
  });
}

async function start(options: StepperOptions, source: ProgramSource): Promise<Running> {
  const { cells, undo } = await options.reload();
  const progress = new SharedArrayBuffer(8);
  // What answers belongs to the start of the watch, over a restart of its thread too.
  const answersOf = source === options.source ? {} : { playbooksOf: options.source };
  const deliverHistory = options.deliverHistory ?? false;
  const mayAct = options.mayAct ?? true;
  const data: StepWorkerData = { source, ...answersOf, deliverHistory, mayAct, cells, undo, progress };
  const heapMb = options.heapMb ?? Math.floor(getHeapStatistics().heap_size_limit / 2 ** 20);
  const script = new URL("./stepWorker.js", import.meta.url);
  const worker = startBounded(script, { workerData: data }, { heapMb, outsideMb: heapMb });
  const loaded = await new Promise<Loaded>((resolve, reject) => {
    const settle = () => worker.off("error", onError).off("exit", onExit).off("message", onMessage);
    const onError = (error: Error) => {
      settle();
      reject(error);
    };
    const onExit = (code: number) => onError(new StepperLost(`it ended with code ${code} while starting`));
    const onMessage = (reply: StepReply) => {
      if (reply.kind !== "ready") return;
      settle();
      resolve({ detectors: reply.detectors, fingerprints: reply.fingerprints });
    };
    worker.on("error", onError).on("exit", onExit).on("message", onMessage);
  });
  const running: Running = { worker, beat: new Int32Array(progress), loaded, death: undefined };
  // What dies between two steps tells nobody who comes later.
  worker.on("error", (error: Error) => {
    running.death ??= error.message;
  });
  worker.on("exit", (code) => {
    running.death ??= `exit code ${code}`;
  });
  return running;
}

/** The pipeline's thread is gone for another reason than a slow detector (out of memory, a crash). */
export class StepperLost extends Error {
  override readonly name = "StepperLost";
  constructor(reason: string) {
    super(
      `The detection thread was lost: ${reason}.\n- Nothing that was committed is lost.\n- Start again; it goes on from the last committed block.`,
    );
  }
}
