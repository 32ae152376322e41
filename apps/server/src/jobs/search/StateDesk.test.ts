import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { openStateDesk } from "./StateDesk.ts";

// The worker runs what was built.
const built = new URL("../../../dist/jobs/search/askState.js", import.meta.url).href;
const program = `
  const { workerData, parentPort } = require("node:worker_threads");
  import(${JSON.stringify(built)}).then(({ askState }) => {
    const state = askState(workerData.desk);
    let wrong = 0;
    for (let i = 0; i < workerData.questions; i++) {
      const key = "0x" + i.toString(16).padStart(64, "0");
      if (state.slot("0x" + "0a".repeat(20), key) !== key) wrong += 1;
    }
    let failure = "";
    try { state.blockHash(7n); } catch (error) { failure = error.name + ": " + error.message; }
    parentPort.postMessage({ wrong, failure });
  });`;

test("LAB-30: a worker gets each answer to its own question, however often it asks, and what failed by name", async () => {
  const { desk, close } = openStateDesk({
    account: async () => undefined,
    slot: async (_, key) => key,
    blockHash: async () => Promise.reject(new Error("the block is gone")),
  });
  const data = { workerData: { desk, questions: 150_000 }, transferList: [desk.port], eval: true };
  const worker = new Worker(program, data);
  const told = await new Promise((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
  });
  await worker.terminate();
  close();
  expect(told).toEqual({ wrong: 0, failure: "StateUnreachable: the block is gone" });
});
