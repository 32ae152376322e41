import { Worker } from "node:worker_threads";
import { readTests } from "../../packages/evm/dist/conformance/readTests.js";

/**
 * Runs every file of tests below `dir`, one a thread at a time, and adds up what came out: `{ran, passed, failures,
 * skips}`, failures in the order of files. A thread that ends fails its file and is replaced. Throws `EngineUnopened` before
 * the first test.
 */
export async function runPool({ dir, forks, workers, engine }) {
  const tally = { ran: [], passed: 0, failures: [], skips: new Map() };
  const idle = Array.from({ length: workers }, () => openThread({ forks, engine }));
  const threads = new Set(idle);
  const busy = new Set();
  const progress = reporter(tally);
  try {
    await Promise.all(idle.map((thread) => thread.ready));
    for await (const source of readTests(dir)) {
      tally.ran.push(source.file);
      if (source.fault !== undefined) {
        add(tally, failedFile(source.file, `unreadable: ${source.fault}`));
        continue;
      }
      if (idle.length === 0) await Promise.race(busy);
      const thread = idle.pop();
      const work = thread.run(source).then((result) => {
        add(tally, result);
        if (thread.hasEnded()) threads.delete(thread);
        const next = thread.hasEnded() ? openThread({ forks, engine }) : thread;
        threads.add(next);
        idle.push(next);
        busy.delete(work);
        progress.tell();
      });
      busy.add(work);
    }
    await Promise.all(busy);
  } finally {
    progress.end();
    await Promise.all([...threads].map((thread) => thread.close()));
  }
  return { ...tally, failures: sorted(tally.failures), skips: new Map([...tally.skips].sort()) };
}

function add(tally, { passed, failures, skips }) {
  tally.passed += passed;
  tally.failures.push(...failures);
  for (const [why, count] of skips) tally.skips.set(why, (tally.skips.get(why) ?? 0) + count);
}

function failedFile(file, why) {
  return { passed: 0, failures: [{ file, name: "", index: -1, why }], skips: new Map() };
}

function sorted(failures) {
  const by = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
  return failures.sort((a, b) => by(a.file, b.file) || by(a.name, b.name) || a.index - b.index);
}

function openThread(workerData) {
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
    close: () => worker.terminate(),
    run({ file, bytes }) {
      return new Promise((resolve) => {
        settle = (result) => resolve(result ?? failedFile(file, `the engine's thread ended: ${fault}`));
        if (hasEnded) settle(undefined);
        else worker.postMessage({ file, bytes });
      });
    },
  };
}

function reporter(tally) {
  const start = performance.now();
  let last = start;
  const line = () => {
    const { ran, passed, failures } = tally;
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    process.stderr.write(`${ran.length} files, ${passed} passed, ${failures.length} failed, ${seconds} s\n`);
  };
  return {
    tell() {
      if (performance.now() - last < 5_000) return;
      last = performance.now();
      line();
    },
    end: line,
  };
}

/** The engine could not be made ready, so that no test was run. */
export class EngineUnopened extends Error {
  name = "EngineUnopened";
  constructor(engine, why) {
    super(`The engine "${engine}" does not open: ${why}.\n- Needed: a module that exports openStateTestEngine.`);
  }
}
