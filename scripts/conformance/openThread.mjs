import { Worker } from "node:worker_threads";

/**
 * A thread with an engine of its own, made ready (`ready` fails with `EngineUnopened`), that runs one file at a time: `run`
 * always gives a result, a failure of the file where the thread ends.
 */
export function openThread(workerData) {
  const worker = new Worker(new URL("./thread.mjs", import.meta.url), { workerData });
  let hasEnded = false;
  let settle = () => {};
  let fault = "it ended";
  const ready = new Promise((resolve, reject) => {
    worker.on("message", (said) => (said === "ready" ? resolve() : settle(said)));
    worker.once("exit", () => reject(new EngineUnopened(workerData.engine, fault)));
  });
  // Who waits for it learns of it; a thread that takes the place of one that ended is not waited for.
  ready.catch(() => {});
  worker.on("error", (error) => {
    fault = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  });
  worker.on("exit", () => {
    hasEnded = true;
    settle(undefined);
  });
  return {
    ready,
    hasEnded: () => hasEnded,
    // Not while it begins: ended in the middle of loading, it may take the whole process with it.
    close: async () => {
      await ready.catch(() => {});
      await worker.terminate();
    },
    run({ file, bytes }) {
      return new Promise((resolve) => {
        settle = (result) => resolve(result ?? failedFile(file, `the engine's thread ended: ${fault}`));
        if (hasEnded) settle(undefined);
        else worker.postMessage({ file, bytes });
      });
    },
  };
}

/** The result of a file of which nothing could be run. */
export function failedFile(file, why) {
  return { passed: 0, failures: [{ file, name: "", index: -1, why }], skips: new Map() };
}

/** The engine could not be made ready, so that no test was run. */
export class EngineUnopened extends Error {
  name = "EngineUnopened";
  constructor(engine, why) {
    super(`The engine "${engine}" does not open: ${why}.\n- Needed: a module that exports openStateTestEngine.`);
  }
}
