// A search on several cores: workers with seeds of their own, which nothing but their own calls decides.
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { CompiledFile } from "../attack/compileSol.ts";
import type { HuntReport, ToldViolation } from "../attack/HuntReport.ts";
import { UsageError } from "../config/UsageError.ts";
import type { HuntTask, HuntWord } from "./huntWorker.ts";

export interface HuntOrder {
  readonly file: CompiledFile;
  readonly contract: string;
  readonly seed: number;
  readonly workers: number;
  /** The search ends after so many calls of all workers together, */
  readonly calls?: number;
  /** or after this time. */
  readonly seconds?: number;
}

export interface HuntProgress {
  readonly seconds: number;
  readonly calls: number;
  readonly coverage: number;
  readonly violations: number;
}

type End = Extract<HuntWord, { kind: "end" }>;

/** Searches until the order's end, or until `signal` fires; what was found by then is told. */
export async function huntAll(
  order: HuntOrder,
  signal: AbortSignal,
  show: (progress: HuntProgress) => void,
): Promise<HuntReport> {
  const { workers, calls, seconds } = order;
  const stop = new SharedArrayBuffer(4);
  const halt = (): void => void Atomics.store(new Int32Array(stop), 0, 1);
  const start = performance.now();
  const elapsed = (): number => (performance.now() - start) / 1_000;
  const timer = seconds === undefined ? undefined : setTimeout(halt, seconds * 1_000);
  signal.addEventListener("abort", halt);
  if (signal.aborted) halt();
  const states = Array.from({ length: workers }, () => ({ calls: 0, coverage: 0, violations: 0 }));
  const share = (index: number): number => Math.floor(calls! / workers) + (index < calls! % workers ? 1 : 0);
  try {
    const ends = await Promise.all(
      states.map((_, index) =>
        runWorker(
          { ...order, seed: order.seed + index, stop, ...(calls === undefined ? {} : { calls: share(index) }) },
          (word) => {
            states[index] = word;
            show({
              seconds: elapsed(),
              calls: states.reduce((sum, state) => sum + state.calls, 0),
              coverage: Math.max(...states.map(({ coverage }) => coverage)),
              violations: Math.max(...states.map(({ violations }) => violations)),
            });
          },
        ),
      ),
    );
    return reportOf(ends, elapsed());
  } finally {
    halt();
    clearTimeout(timer);
    signal.removeEventListener("abort", halt);
  }
}

async function runWorker(task: HuntTask, show: (word: Extract<HuntWord, { kind: "progress" }>) => void): Promise<End> {
  const worker = new Worker(new URL("./huntWorker.js", import.meta.url), { workerData: task });
  const end = new Promise<End>((resolve, reject) => {
    worker.on("message", (word: HuntWord) => {
      if (word.kind === "progress") show(word);
      else if (word.kind === "end") resolve(word);
      else reject(new HuntFailed(word.message));
    });
    worker.on("error", reject);
    worker.on("exit", (code) => reject(new HuntFailed(`A worker ended with code ${code}.`)));
  });
  try {
    return await end;
  } finally {
    if (worker.threadId !== -1) await Promise.race([once(worker, "exit"), worker.terminate()]);
  }
}

function reportOf(ends: readonly End[], seconds: number): HuntReport {
  const calls = ends.reduce((sum, end) => sum + end.calls, 0);
  const violations = new Map<string, ToldViolation>();
  for (const found of ends.flatMap((end) => end.violations)) {
    const known = violations.get(found.name);
    if (known === undefined || found.atCall < known.atCall) violations.set(found.name, found);
  }
  return {
    calls,
    callsPerSecond: Math.round(calls / seconds),
    coverage: new Set(ends.flatMap(({ covered }) => covered)).size,
    violations: [...violations.values()].sort((a, b) => a.atCall - b.atCall || (a.name < b.name ? -1 : 1)),
  };
}

/** A search cannot begin, or a worker of it was lost. Not retryable as it is. */
export class HuntFailed extends UsageError {
  override readonly name = "HuntFailed";
  constructor(message: string) {
    super(message, "What is hunted has to deploy by itself.", "See above.");
  }
}
