// A thread of the conformance run: one file of tests after the other, on an engine of its own.
import { parentPort, workerData } from "node:worker_threads";
import { runTestFile } from "../../packages/evm/dist/conformance/runTestFile.js";

const { openStateTestEngine } = await import(workerData.engine);
const engine = await openStateTestEngine();
parentPort.postMessage("ready");

parentPort.on("message", async ({ file, bytes }) => {
  parentPort.postMessage(await runTestFile(file, Buffer.from(bytes).toString("utf8"), workerData.forks, engine));
});
