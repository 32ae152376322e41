// A search for plans that take value out, on several cores: workers with seeds of their own.
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { UsageError } from "../config/UsageError.ts";
import type { CarriedPlan, RaidTask, RaidWord } from "./raidWorker.ts";

export interface RaidOrder extends Omit<RaidTask, "stop" | "calls"> {
  readonly workers: number;
  /** The search ends after so many calls of all workers together, */
  readonly calls?: number;
  /** or after this time. */
  readonly seconds?: number;
}

export interface RaidProgress {
  readonly seconds: number;
  readonly calls: number;
  readonly kept: number;
  readonly finds: number;
  /** The greatest gain so far, in the unit of account. */
  readonly best: number;
}

/** What all workers found, the same by different ones once. */
export interface Raided {
  readonly calls: number;
  readonly seconds: number;
  readonly finds: readonly CarriedPlan[];
}

type End = Extract<RaidWord, { kind: "end" }>;
type Progress = Extract<RaidWord, { kind: "progress" }>;

/** Errors of a search that the state or the scenario is to blame for. */
const refusals = ["CapitalOutOfReach", "CodeMissing", "NothingToCall"];

/** Searches until the order's end, or until `signal` fires; what was found by then is told. */
export async function raidAll(
  order: RaidOrder,
  signal: AbortSignal,
  show: (progress: RaidProgress) => void,
): Promise<Raided> {
  const { workers, calls, seconds, ...task } = order;
  const stop = new SharedArrayBuffer(4);
  const halt = (): void => void Atomics.store(new Int32Array(stop), 0, 1);
  const start = performance.now();
  const elapsed = (): number => (performance.now() - start) / 1_000;
  const timer = seconds === undefined ? undefined : setTimeout(halt, seconds * 1_000);
  signal.addEventListener("abort", halt);
  if (signal.aborted) halt();
  const states: Omit<Progress, "kind">[] = Array.from({ length: workers }, () => ({
    calls: 0,
    kept: 0,
    best: 0,
    finds: 0,
  }));
  const share = (index: number): number => Math.floor(calls! / workers) + (index < calls! % workers ? 1 : 0);
  try {
    const ends = await Promise.all(
      states.map((_, index) =>
        runWorker(
          { ...task, seed: task.seed + index, stop, ...(calls === undefined ? {} : { calls: share(index) }) },
          (word) => {
            states[index] = word;
            show({ seconds: elapsed(), ...together(states) });
          },
        ),
      ),
    );
    return { calls: ends.reduce((sum, end) => sum + end.calls, 0), seconds: elapsed(), finds: merged(ends) };
  } finally {
    halt();
    clearTimeout(timer);
    signal.removeEventListener("abort", halt);
  }
}

function together(states: readonly Omit<Progress, "kind">[]): Omit<RaidProgress, "seconds"> {
  return {
    calls: states.reduce((sum, state) => sum + state.calls, 0),
    kept: Math.max(...states.map(({ kept }) => kept)),
    finds: Math.max(...states.map(({ finds }) => finds)),
    best: Math.max(...states.map(({ best }) => best)),
  };
}

async function runWorker(task: RaidTask, show: (word: Progress) => void): Promise<End> {
  const worker = new Worker(new URL("./raidWorker.js", import.meta.url), { workerData: task });
  const end = new Promise<End>((resolve, reject) => {
    worker.on("message", (word: RaidWord) => {
      if (word.kind === "progress") show(word);
      else if (word.kind === "end") resolve(word);
      else reject(refusals.includes(word.name) ? new RaidRefused(word.message) : new RaidFailed(word.message));
    });
    worker.on("error", reject);
    worker.on("exit", (code) => reject(new RaidFailed(`It ended with code ${code}.`)));
  });
  try {
    return await end;
  } finally {
    if (worker.threadId !== -1) await Promise.race([once(worker, "exit"), worker.terminate()]);
  }
}

/** The best of each kind, the greatest gain first. */
function merged(ends: readonly End[]): CarriedPlan[] {
  const finds = new Map<string, CarriedPlan>();
  for (const find of ends.flatMap((end) => end.finds)) {
    const known = finds.get(find.id);
    if (known === undefined || BigInt(find.gainWad) > BigInt(known.gainWad)) finds.set(find.id, find);
  }
  return [...finds.values()].sort((a, b) => b.gain - a.gain || (a.id < b.id ? -1 : 1));
}

/** The search cannot begin on this state. Not retryable as it is. */
export class RaidRefused extends UsageError {
  override readonly name = "RaidRefused";
  constructor(message: string) {
    super(message, "What is searched is the state of the capsule, with what the scenario declares.", "See above.");
  }
}

/** A worker of a search was lost. Retryable. */
export class RaidFailed extends Error {
  override readonly name = "RaidFailed";
  constructor(why: string) {
    super(`A worker of the search was lost, and what it found with it.\n- ${why}\n- Run it again.`);
  }
}
