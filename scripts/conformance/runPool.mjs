import { readTests } from "../../packages/evm/dist/conformance/readTests.testkit.js";
import { failedFile, openThread } from "./openThread.mjs";

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

function sorted(failures) {
  const by = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
  return failures.sort((a, b) => by(a.file, b.file) || by(a.name, b.name) || a.index - b.index);
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
