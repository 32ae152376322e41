// What a stranger makes a thread remember shall end the thread, and not the process. V8's own limit does not hold what comes in
// large pieces: it ends the process. So the process asks the thread now and then how much it holds, and ends it.
import { Worker, type WorkerOptions } from "node:worker_threads";
import { collectGarbage } from "./collectGarbage.ts";
import { endThread } from "./endThread.ts";

/** What Node 20 and its types lack. */
interface Asked {
  getHeapStatistics(): Promise<Held>;
}

/** What a thread may remember. */
export interface Bounds {
  /** Megabytes of its heap. */
  readonly heapMb: number;
  /** Megabytes beside it: array buffers, and the memories of WebAssembly. Not held on Node 20. */
  readonly outsideMb: number;
}

const pollMs = 50;
/** How far over its bound a thread is ended without a look at how much of that is garbage, in megabytes. */
const leewayMb = 1_024;
/** From there V8 ends thread or process. One that doubles what it holds takes three times as much as was seen last. */
const reserveMb = 3_072;

/** Starts a thread; what takes it over its bounds ends it, with an `error` that says so. Its script may be a `data:` URL. */
export function startBounded(script: URL, options: WorkerOptions, bounds: Bounds): Worker {
  const { heapMb } = bounds;
  // Node has it since 22.16, and in 24.
  const isAsked = "getHeapStatistics" in Worker.prototype;
  const resourceLimits = { maxOldGenerationSizeMb: isAsked ? heapMb + reserveMb : heapMb };
  const worker = new Worker(script, { ...options, resourceLimits });
  // The first listener: those that come after it are told in the same words, whoever ended the thread.
  worker.on("error", (error: Error) => {
    if (isOfV8(error)) error.message = new MemoryOutgrown(heapMb).message;
  });
  if (canBeAsked(worker)) askNowAndThen(worker, bounds);
  return worker;
}

/** Whether `error` of a bounded thread says that it was ended for what it remembered: by us, or by V8, as on Node 20 always. */
export function isOutgrown(error: Error): boolean {
  return error instanceof MemoryOutgrown || isOfV8(error);
}

function isOfV8(error: Error & { code?: string }): boolean {
  return error.code === "ERR_WORKER_OUT_OF_MEMORY";
}

function canBeAsked(worker: Worker): worker is Worker & Asked {
  return "getHeapStatistics" in worker;
}

function askNowAndThen(worker: Worker & Asked, bounds: Bounds): void {
  let isAsking = false;
  let activeMs = 0;
  const timer = setInterval(() => {
    if (isAsking) return;
    const { active } = worker.performance.eventLoopUtilization();
    // One that rests takes nothing, and to be asked would wake it. While it loads, none of its time is counted yet.
    if (active > 0 && active - activeMs < 5) return;
    activeMs = active;
    isAsking = true;
    // A thread that is not there yet, or no longer, gives no answer.
    void ask()
      .catch(() => undefined)
      .finally(() => {
        isAsking = false;
      });
  }, pollMs);
  timer.unref();
  worker.once("exit", () => clearInterval(timer));

  async function ask(): Promise<void> {
    let excess = excessOf(await worker.getHeapStatistics(), bounds);
    if (excess?.isGarbage) {
      const used_heap_size = await collectGarbage(worker);
      if (used_heap_size === undefined) return;
      excess = excessOf({ ...(await worker.getHeapStatistics()), used_heap_size }, bounds);
    }
    if (excess === undefined) return;
    clearInterval(timer);
    worker.emit("error", excess.why);
    await endThread(worker);
  }
}

interface Held {
  readonly used_heap_size: number;
  readonly external_memory: number;
}

interface Excess {
  readonly why: MemoryOutgrown;
  /** Whether it may all be garbage: V8 lets a heap grow to four times what is used of it. */
  readonly isGarbage: boolean;
}

function excessOf(held: Held, { heapMb, outsideMb }: Bounds): Excess | undefined {
  const heap = held.used_heap_size / 2 ** 20 - heapMb;
  const outside = held.external_memory / 2 ** 20 - outsideMb;
  if (heap <= 0 && outside <= 0) return undefined;
  const why = heap > 0 ? new MemoryOutgrown(heapMb) : new MemoryOutgrown(outsideMb, " beside its heap");
  return { why, isGarbage: Math.max(heap, outside) <= leewayMb };
}

/** A thread was ended for what it remembered. Not retryable with what made it do so. */
export class MemoryOutgrown extends Error {
  override readonly name = "MemoryOutgrown";
  constructor(mb: number, where = "") {
    super(`it took more than ${mb} MiB of memory${where}`);
  }
}
