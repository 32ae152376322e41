// One request to the thread of the pipeline and its answer, with an eye on how long each detector takes and whether the thread lives.
import type { Worker } from "node:worker_threads";
import type { Loss } from "./retrial.ts";
import type { Loaded, StepDone, StepReply, StepRequest } from "./stepWorker.ts";

/** A thread of the pipeline. */
export interface Running {
  readonly worker: Worker;
  readonly beat: Int32Array;
  loaded: Loaded;
  /** Why it is gone; undefined while it lives. */
  death: string | undefined;
}

/** How long the end of a thread is waited for that told of an error, in milliseconds. */
const lateMs = 1_000;

/** What comes of one request. */
export type Exchange = { readonly kind: "done"; readonly done: readonly StepDone[] } | Loss;

/** Has the thread take `request`. Rejects with StepFailed; a detector may run for `limitMs` on one block. */
export function exchange(running: Running, request: StepRequest, limitMs: number): Promise<Exchange> {
  const { worker, beat, loaded, death } = running;
  if (death !== undefined) return Promise.resolve({ kind: "died", detector: undefined, reason: death });
  return new Promise((resolve, reject) => {
    const detectorNow = () => loaded.detectors[Atomics.load(beat, 0) - 1];
    let runs = Atomics.load(beat, 1);
    let since = performance.now();
    const watchdog = setInterval(
      () => {
        const now = Atomics.load(beat, 1);
        const detector = detectorNow();
        if (now !== runs || detector === undefined) {
          runs = now;
          since = performance.now();
        } else if (performance.now() - since > limitMs) settle({ kind: "overran", detector, limitMs });
      },
      Math.max(10, Math.min(100, limitMs / 4)),
    );
    const onMessage = (reply: StepReply) => {
      if (reply.kind === "stepped" && reply.id === request.id) settle({ kind: "done", done: reply.done });
      if (reply.kind === "failed" && reply.id === request.id) fail(new StepFailed(reply.name, reply.message));
    };
    const die = () => settle({ kind: "died", detector: detectorNow(), reason: running.death ?? "no reason is known" });
    let late: NodeJS.Timeout | undefined;
    // What it had answered may come after its error, but not after its end; and not every thread ends.
    const onError = () => {
      late ??= setTimeout(die, lateMs);
    };
    const onExit = die;
    const clear = () => {
      clearInterval(watchdog);
      clearTimeout(late);
      worker.off("message", onMessage).off("error", onError).off("exit", onExit);
    };
    const settle = (result: Exchange) => {
      clear();
      resolve(result);
    };
    const fail = (error: Error) => {
      clear();
      reject(error);
    };
    worker.on("message", onMessage).on("error", onError).on("exit", onExit);
    worker.postMessage(request);
  });
}

/** The pipeline refused an input, or has a fault. Not retryable with the same input. */
export class StepFailed extends Error {
  override readonly name = "StepFailed";
  constructor(inner: string, message: string) {
    super(`${inner}: ${message}`);
  }
}
