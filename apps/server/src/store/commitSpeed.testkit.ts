// Run as a process of its own: how long commits take on disk. Prints one JSON object, times in milliseconds.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { applyCommits } from "./applyCommits.ts";
import { chainOf } from "./chain.testkit.ts";
import { openStore } from "./openStore.ts";

const blocks = 500;
const batch = 25;
const folder = mkdtempSync(join(tmpdir(), "testudo-speed-"));
const store = await openStore(folder);
try {
  const chain = chainOf();
  const batches = Array.from({ length: blocks / batch }, (_, i) =>
    Array.from({ length: batch }, (_, j) => chain.block(i * batch + j + 1, (i * batch + j) % batch === 0 ? 1 : 0)),
  );
  const start = performance.now();
  for (const commits of batches) await applyCommits(store, commits, [], ["terminal", "hook"]);
  const backfillMs = performance.now() - start;
  const singles: number[] = [];
  for (let i = 0; i < 500; i++) {
    const commit = chain.block(blocks + i + 1, i % 5 === 0 ? 1 : 0);
    const before = performance.now();
    await applyCommits(store, [commit], [], ["terminal", "hook"]);
    singles.push(performance.now() - before);
  }
  singles.sort((a, b) => a - b);
  const at = (share: number) => Number(singles[Math.floor(share * (singles.length - 1))]!.toFixed(2));
  const tidyStart = performance.now();
  await store.tidy();
  const tidyMs = performance.now() - tidyStart;
  const result = {
    blocks,
    notices: blocks / batch,
    batch,
    backfillMs: Math.round(backfillMs),
    singleP50: at(0.5),
    singleP95: at(0.95),
    singleMax: at(1),
    tidyMs: Math.round(tidyMs),
  };
  process.stdout.write(`${JSON.stringify(result)}\n`);
} finally {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
}
