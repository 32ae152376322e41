// A thread that may be kept at work by what strangers sent. It is given one order after the other, and each so much time; one that
// does not come to its end, or that breaks the thread, costs its own result and no other's: the thread is started anew.
import type { Worker } from "node:worker_threads";
import { type Clock, type Patience, type Reply, refusalOf, startClock } from "./Clock.ts";
import { endThread } from "./endThread.ts";
import { answerUnsent } from "./isOfNode.ts";
import type { ThreadOrder, ThreadWord } from "./serveOrders.ts";
import { type Bounds, startBounded } from "./startBounded.ts";

/** What came of an order. */
export type Ordered<R> =
  | { readonly kind: "done"; readonly result: R }
  /** It threw `why`, or cannot be passed on; the thread is well. `name` is the error's. */
  | { readonly kind: "failed"; readonly why: string; readonly name: string }
  /** Its time was over, and the thread was ended. */
  | { readonly kind: "late" }
  /** The thread did not survive it, or does not start. */
  | { readonly kind: "lost"; readonly why: string }
  | { readonly kind: "closed" };

/** Never rejects. */
export interface PatientWorker<O, R> {
  /** Has `order` carried out after those before it; its time begins when they are over and the thread is there. */
  give(order: O, patience: Patience): Promise<Ordered<R>>;
  close(): Promise<void>;
}

export interface PatientWorkerOptions {
  /** The built script; it calls `serveOrders`. */
  readonly script: URL;
  readonly workerData?: unknown;
  /** Told what the thread says by the way. */
  readonly onAside?: (word: unknown) => void;
  /** Answers what the thread asks while it carries out an order. */
  readonly answer?: (question: unknown) => Promise<unknown>;
  /** Whether it is started now, and at once after one that was lost. Default: with the next order. */
  readonly isAhead?: boolean;
}

/** Names the error of an order that nests too deep to go to a thread. */
export const orderUnsent = "OrderUnsent";
/** Names that of what nests too deep to come back from it. */
export const resultUnread = "ResultUnread";

// What a stranger makes it remember must not take the process with it. Beside the heap lie the 2 GiB that an engine may take.
const memory: Bounds = { heapMb: 1_024, outsideMb: 3_072 };
/** How long a thread has to start: modules are read from the disk of a machine that may be busy. */
const startMs = 60_000;

interface Thread {
  readonly worker: Worker;
  /** False where it did not start. */
  readonly ready: Promise<boolean>;
  readonly lost: Promise<string>;
}

export function openPatientWorker<O, R>(options: PatientWorkerOptions): PatientWorker<O, R> {
  let thread: Thread | undefined;
  let under: { readonly id: number; readonly end: (ordered: Ordered<R>) => void; readonly clock: Clock } | undefined;
  let isClosed = false;
  let nextId = 0;
  let last: Promise<unknown> = Promise.resolve();

  function start(): Thread {
    const { script, workerData } = options;
    const worker = startBounded(script, { workerData }, memory);
    worker.unref();
    let isReady: (isThere: boolean) => void = () => undefined;
    let lose: (why: string) => void = () => undefined;
    const ready = new Promise<boolean>((resolve) => {
      isReady = resolve;
    });
    const lost = new Promise<string>((resolve) => {
      lose = resolve;
    });
    const own: Thread = { worker, ready, lost };
    const timer = setTimeout(() => {
      lose(`it did not start within ${startMs} ms`);
      void endThread(worker);
    }, startMs);
    timer.unref();
    void ready.then(() => clearTimeout(timer));
    void lost.then((why) => {
      isReady(false);
      if (thread !== own) return;
      thread = undefined;
      under?.end({ kind: "lost", why });
    });
    worker.on("message", (word: ThreadWord<R>) => {
      if (word.kind === "ready") {
        isReady(true);
        return;
      }
      if (word.kind === "aside") options.onAside?.(word.word);
      else if (under?.id !== word.id || thread !== own) return;
      else if (word.kind === "asks") void answer(own, word);
      else if (word.kind === "done") under.end({ kind: "done", result: word.result });
      else under.end({ kind: "failed", why: word.why, name: word.name });
    });
    // A thread's stack is larger than this one's: it can write what cannot be read here. Was it a question, it waits for ever.
    worker.on("messageerror", (error) => {
      if (thread !== own) return;
      end(own);
      under?.end({ kind: "failed", why: `its result cannot be read: ${error.message}`, name: resultUnread });
    });
    worker.on("error", (error) => lose(error.message));
    worker.on("exit", (code) => lose(`the thread ended with ${code}`));
    return own;
  }

  /** A machine may have no thread to give for a while; the next order tries again. */
  function startOr(): Thread | Error {
    try {
      thread = start();
      return thread;
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }

  async function answer(own: Thread, { id, question, asked }: Extract<ThreadWord<R>, { kind: "asks" }>): Promise<void> {
    const clock = under!.clock;
    const reply = await clock.waiting(options.answer!(asked));
    if (under?.id !== id) return;
    const tell = (said: Reply) =>
      own.worker.postMessage({ kind: "answer", id, question, reply: said } satisfies ThreadOrder<O>);
    try {
      tell(reply);
    } catch (error) {
      // What nests too deep to be passed on was sent by whoever was asked.
      tell({ ...refusalOf(error), name: answerUnsent });
    }
  }

  function end(own: Thread): void {
    if (thread === own) thread = undefined;
    void endThread(own.worker);
  }

  async function carryOut(order: O, patience: Patience): Promise<Ordered<R>> {
    if (isClosed) return { kind: "closed" };
    const own = thread ?? startOr();
    if (own instanceof Error) return { kind: "lost", why: own.message };
    if (!(await own.ready)) return isClosed ? { kind: "closed" } : { kind: "lost", why: await own.lost };
    if (isClosed) return { kind: "closed" };
    const id = nextId++;
    const ordered = await new Promise<Ordered<R>>((resolve) => {
      const clock = startClock(patience, () => {
        end(own);
        resolve({ kind: "late" });
      });
      under = { id, end: resolve, clock };
      try {
        own.worker.postMessage({ kind: "order", id, order } satisfies ThreadOrder<O>);
      } catch (error) {
        resolve({ kind: "failed", why: `it cannot be passed on: ${refusalOf(error).why}`, name: orderUnsent });
      }
    });
    under?.clock.stop();
    under = undefined;
    if (options.isAhead && !isClosed && thread === undefined) startOr();
    return ordered;
  }

  if (options.isAhead) startOr();
  return {
    give(order, patience) {
      const ordered = last.then(() => carryOut(order, patience));
      last = ordered;
      return ordered;
    },
    async close() {
      isClosed = true;
      const own = thread;
      thread = undefined;
      under?.end({ kind: "closed" });
      if (own !== undefined) await endThread(own.worker);
    },
  };
}
