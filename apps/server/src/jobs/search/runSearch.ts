// A search on several cores: workers with seeds of their own, which nothing but their own calls decides, and one word that ends all.
import { once } from "node:events";
import type { StateSource } from "@testudo/core/model/Evm";
import { type Bounds, isOutgrown, startBounded } from "../thread/startBounded.ts";
import type { SearchMemories, SearchMemory } from "./SearchMemory.ts";
import { openStateDesk, type StateDesk } from "./StateDesk.ts";

export interface SearchBounds {
  readonly workers: number;
  /** The search ends after so many calls of all workers together, */
  readonly calls?: number;
  /** or after this time. */
  readonly seconds?: number;
}

/** What every worker is given, beside what it searches. */
export interface SearchTask {
  readonly seed: number;
  /** It ends after so many calls, or when it is told to. */
  readonly calls?: number;
  /** 1 once it shall end. */
  readonly stop: SharedArrayBuffer;
  /** What it goes on from; its calls are counted on. */
  readonly memory?: SearchMemory;
  /** It tells its memory now and then, and at its end. */
  readonly isKept: boolean;
  /** Where it asks for state, if not all is known. */
  readonly desk?: StateDesk;
}

/** What a worker says; `failed` with the error's own name. */
export type SearchWord<Progress, End> =
  | ({ readonly kind: "progress" } & Progress)
  | ({ readonly kind: "end" } & End)
  | { readonly kind: "memory"; readonly memory: SearchMemory }
  | { readonly kind: "failed"; readonly name: string; readonly message: string };

/** What a worker says of what it threw. */
export function failureOf(error: unknown): { kind: "failed"; name: string; message: string } {
  const { name = "Error", message = String(error) } = error instanceof Error ? error : {};
  return { kind: "failed", name, message };
}

export interface Searched<End> {
  /** In the order of the seeds. */
  readonly ends: readonly End[];
  readonly seconds: number;
}

// More than a search of days has taken; what is attacked decides what there is to remember.
const memory: Bounds = { heapMb: 3_072, outsideMb: 4_096 };

interface Search<Progress> {
  /** The worker's module. */
  readonly script: URL;
  readonly task: Omit<SearchTask, "stop" | "calls" | "memory" | "isKept" | "desk">;
  /** State that workers ask for as they need it. */
  readonly source?: StateSource | undefined;
  readonly bounds: SearchBounds;
  readonly signal: AbortSignal;
  /** Where it goes on from, and is kept. */
  readonly memories: SearchMemories | undefined;
  /** Told the last word of each worker that has said one. */
  show(seconds: number, states: readonly Progress[]): void;
  /** The error for a failure that whoever asked for the search is to blame for; undefined for any other. */
  refuse(failure: { readonly name: string; readonly message: string }): Error | undefined;
}

/** Searches until the bounds' end, or until `signal` fires. Throws what `refuse` gives, or SearchLost. */
export async function runSearch<Progress extends object, End extends object>(
  search: Search<Progress>,
): Promise<Searched<End>> {
  const { task, signal, memories } = search;
  const { workers, calls, seconds } = search.bounds;
  const stop = new SharedArrayBuffer(4);
  const halt = (): void => void Atomics.store(new Int32Array(stop), 0, 1);
  const start = performance.now();
  const before = Math.max(0, ...Array.from({ length: workers }, (_, index) => memories?.of(index)?.seconds ?? 0));
  const elapsed = (): number => before + (performance.now() - start) / 1_000;
  const timer = seconds === undefined ? undefined : setTimeout(halt, seconds * 1_000);
  signal.addEventListener("abort", halt);
  if (signal.aborted) halt();
  const states: (Progress | undefined)[] = Array.from({ length: workers }, () => undefined);
  const share = (index: number): number => Math.floor(calls! / workers) + (index < calls! % workers ? 1 : 0);
  const taskOf = (index: number): SearchTask => {
    const memory = memories?.of(index);
    return {
      ...{ ...task, seed: task.seed + index, stop, isKept: memories !== undefined },
      ...(calls === undefined ? {} : { calls: share(index) }),
      ...(memory === undefined ? {} : { memory }),
    };
  };
  try {
    const ends = await Promise.all(
      states.map((_, index) =>
        runWorker<Progress, End>(
          search,
          taskOf(index),
          (memory) => memories?.keep(index, memory),
          (word) => {
            states[index] = word;
            search.show(
              elapsed(),
              states.filter((state) => state !== undefined),
            );
          },
        ),
      ),
    );
    return { ends, seconds: elapsed() };
  } finally {
    halt();
    clearTimeout(timer);
    signal.removeEventListener("abort", halt);
  }
}

async function runWorker<Progress extends object, End extends object>(
  { script, source, refuse }: Search<Progress>,
  task: SearchTask,
  keep: (memory: SearchMemory) => void,
  show: (word: Progress) => void,
): Promise<End> {
  const stand = source === undefined ? undefined : openStateDesk(source);
  const given = {
    workerData: { ...task, desk: stand?.desk },
    transferList: stand === undefined ? [] : [stand.desk.port],
  };
  const worker = startBounded(script, given, memory);
  const end = new Promise<End>((resolve, reject) => {
    worker.on("message", (word: SearchWord<Progress, End>) => {
      if (word.kind === "progress") show(word);
      else if (word.kind === "memory") {
        try {
          keep(word.memory);
        } catch (error) {
          reject(error);
        }
      } else if (word.kind === "end") resolve(word);
      else reject(refuse(word) ?? new SearchLost(`${word.name}: ${word.message}`));
    });
    worker.on("error", (error) => reject(isOutgrown(error) ? new SearchLost(sentence(error)) : error));
    worker.on("exit", (code) => reject(new SearchLost(`It ended with code ${code}.`)));
  });
  try {
    return await end;
  } finally {
    if (worker.threadId !== -1) await Promise.race([once(worker, "exit"), worker.terminate()]);
    stand?.close();
  }
}

function sentence({ message }: Error): string {
  return `${message.charAt(0).toUpperCase()}${message.slice(1)}.`;
}

/** A worker of a search was lost. Retryable. */
export class SearchLost extends Error {
  override readonly name = "SearchLost";
  constructor(why: string) {
    super(`A worker of the search was lost, and what it found with it.\n- ${why}\n- Run it again.`);
  }
}
