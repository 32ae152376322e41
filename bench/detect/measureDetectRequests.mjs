import { fileURLToPath } from "node:url";
import { dataFolder } from "./dataFolder.mjs";
import { runChild } from "./runChild.mjs";
import { aimOf } from "./summarize.mjs";

const program = fileURLToPath(new URL("../detectRequests.mjs", import.meta.url));

/** POST /detect for recorded trees of about 500 calls. */
export async function measureDetectRequests() {
  const { skipped } = dataFolder("traces");
  if (skipped !== undefined) return { skipped };
  const result = JSON.parse(await runChild([program, "--json"]));
  if (result.requests === 0) return { skipped: "no recorded tree has 400 to 600 calls" };
  return {
    ...result,
    aims: [aimOf("POST /detect for 500 calls, p95", "<", 60, result.wallMs.p95, " ms")],
    notes: [
      `${result.requests} requests, trees of ${result.calls.join(", ")} calls; processor time p95 ${result.processorMs.p95} ms`,
    ],
  };
}
