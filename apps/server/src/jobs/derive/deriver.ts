// Has rules looked for, one search at a time, each within its budget. Nothing waits for it: pauses go their own way.
import { join } from "node:path";
import type { Worker } from "node:worker_threads";
import type { Derived, DeriveRequest } from "@testudo/core/model/Derivation";
import type { Address } from "@testudo/core/model/Hex";
import type { Input } from "@testudo/core/model/Input";
import type { Policy } from "@testudo/core/model/Policy";
import { replaceFile } from "../../operator/writeFile.ts";
import { endThread } from "../thread/endThread.ts";
import { type Bounds, startBounded } from "../thread/startBounded.ts";
import type { DeriveResult, DeriveTask } from "./deriveRule.ts";
import type { DeriveOrder, DeriveWord } from "./deriveWorker.ts";

export interface DeriverOptions {
  /** Nodes to ask, in turn. */
  readonly urls: readonly string[];
  readonly policy: Policy | null;
  readonly watched: readonly Address[];
  readonly dataDir: string;
  readonly tell: (input: Input) => void;
}

/** Takes `derive` commands and tells what came of each, whatever happens. */
export interface Deriver {
  add(request: DeriveRequest): void;
  close(): Promise<void>;
}

// An enemy's trace must not take the watch's memory with it. Beside the heap lie the 2 GiB that an engine may take.
const memory: Bounds = { heapMb: 1_024, outsideMb: 3_072 };

export function openDeriver(options: DeriverOptions): Deriver {
  const { policy, tell } = options;
  const bounds = policy?.rules?.derived;
  const waiting: DeriveRequest[] = [];
  let [isBusy, isClosed] = [false, false];
  // Loading takes a good part of a second, which an attack does not wait.
  let ready = bounds === undefined ? undefined : startWorker();
  const next = async (): Promise<void> => {
    if (isBusy || isClosed) return;
    const request = waiting.shift();
    if (request === undefined) return;
    isBusy = true;
    // One that died while it waited would not answer.
    const worker = ready === undefined || ready.threadId === -1 ? startWorker() : ready;
    const derived = await searchOn(worker, options, request).catch((error: unknown) =>
      nothing(`the search was lost: ${error instanceof Error ? error.message : String(error)}`),
    );
    await endThread(worker);
    isBusy = false;
    if (isClosed) return;
    ready = startWorker();
    tell({ kind: "derived", request: request.id, derived });
    void next();
  };
  return {
    add(request) {
      waiting.push(request);
      void next();
    },
    async close() {
      isClosed = true;
      if (ready !== undefined) await endThread(ready);
    },
  };
}

function startWorker(): Worker {
  const worker = startBounded(new URL("./deriveWorker.js", import.meta.url), {}, memory);
  worker.unref();
  // Told by whoever waits for its word.
  worker.on("error", () => undefined);
  return worker;
}

async function searchOn(worker: Worker, options: DeriverOptions, request: DeriveRequest): Promise<Derived> {
  const task = taskOf(options, request);
  if (task === undefined) return nothing("the policy has no bounds for derived rules");
  const start = performance.now();
  let stage = "start";
  const stagesNow = () => [{ stage, ms: Math.round(performance.now() - start), count: 0 }];
  const ended = new Promise<DeriveResult>((resolve) => {
    const give = (note: string) => resolve({ derived: { ...nothing(note), stages: stagesNow() } });
    const { budgetMs } = task.bounds;
    setTimeout(() => give(`no answer within ${budgetMs} ms; it was at "${stage}"`), budgetMs).unref();
    worker.on("message", (word: DeriveWord) => {
      if (word.kind === "stage") stage = word.stage;
      else if (word.kind === "end") resolve(word);
      else give(`the search failed at "${stage}": ${word.message.split("\n")[0]}`);
    });
    worker.on("error", (error) => give(`the search was lost at "${stage}": ${error.message}`));
    worker.on("exit", (code) => give(`the search was lost at "${stage}": it ended with code ${code}`));
    worker.postMessage({ task, urls: options.urls } satisfies DeriveOrder);
  });
  const { derived, bytes } = await ended;
  if (bytes !== undefined) replaceFile(join(options.dataDir, "derived", `${derived.capsule}.capsule`), bytes);
  return derived;
}

function taskOf({ policy, watched }: DeriverOptions, request: DeriveRequest): DeriveTask | undefined {
  const bounds = policy?.rules?.derived;
  if (policy === null || bounds === undefined) return undefined;
  const exempt = policy.permissions.find(({ target }) => target === request.target)?.exempt ?? [];
  return { request, bounds, exempt, holders: watched };
}

function nothing(note: string): Derived {
  return { honest: { recorded: 0, senders: 0, seen: 0 }, tried: [], stages: [], note };
}
