import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { afterAll, expect, test } from "vitest";
import { endThread } from "./endThread.ts";

const folder = mkdtempSync(join(tmpdir(), "testudo-end-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("a thread within a call that does not return holds up nobody for longer than five seconds", async () => {
  const pipe = join(folder, "pipe");
  execFileSync("mkfifo", [pipe]);
  // Opening a pipe returns when somebody opens its other end, and no sooner.
  const worker = new Worker(
    `require("worker_threads").parentPort.postMessage(0); require("fs").readFileSync(${JSON.stringify(pipe)})`,
    { eval: true },
  );
  await new Promise((resolve) => worker.once("message", resolve));
  // By now it is within the call.
  await new Promise((resolve) => setTimeout(resolve, 500));
  const start = performance.now();
  await endThread(worker);
  expect(performance.now() - start).toBeGreaterThan(4_000);
  const ended = new Promise((resolve) => worker.once("exit", resolve));
  writeFileSync(pipe, "");
  await ended;
});

test("a process with such a thread ends all the same, at once and by a signal", () => {
  const pipe = join(folder, "pipe-of-another");
  execFileSync("mkfifo", [pipe]);
  const program = `import { Worker } from "node:worker_threads";
    import { endThread } from ${JSON.stringify(new URL("../../../dist/jobs/thread/endThread.js", import.meta.url).href)};
    const worker = new Worker(${JSON.stringify(`import fs from "node:fs"; fs.readFileSync(${JSON.stringify(pipe)})`)}, { eval: true });
    await new Promise((resolve) => setTimeout(resolve, 500));
    await endThread(worker);
    process.exitCode = 1;`;
  const { signal, error } = spawnSync(process.execPath, ["--input-type=module", "--eval", program], {
    ...{ timeout: 60_000, killSignal: "SIGTERM" },
  });
  expect([signal, error]).toEqual(["SIGKILL", undefined]);
});
