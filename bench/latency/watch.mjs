// A running watch, whole, as `testudo watch --config` starts it: told by its parent what to watch, it tells when each
// block came and when what was found in it was durable in the outbox.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadProgram } from "testudo/jobs/step/programSource";
import { openWatch } from "testudo/watch/openWatch";

const stop = new AbortController();
process.on("disconnect", () => stop.abort());
process.once("message", async ({ url, treasury, token }) => {
  const path = fileURLToPath(new URL("../programs/allDetectors.mjs", import.meta.url));
  const source = { kind: "module", path, params: { chainId: 31_337, treasury, token } };
  const dataDir = mkdtempSync(join(tmpdir(), "testudo-bench-"));
  const watch = await openWatch({
    source,
    program: await loadProgram(source),
    rpc: [url],
    quorum: 1,
    dataDir,
    api: { host: "127.0.0.1", port: 0 },
    channels: [{ name: "bench", minSeverity: "info", deliver: async () => {} }],
    detectorLimitMs: 1_000,
    onStored: report,
    signal: stop.signal,
  });
  process.send({ kind: "ready" });
  await watch.done;
  rmSync(dataDir, { recursive: true, force: true });
  process.exit(0);
});

function report({ evidence, notices }, { receivedAtMs, storedAtMs }) {
  if (!process.connected) return;
  if (evidence.input === "reorg")
    process.send({
      kind: "reorg",
      retracted: notices.filter(({ transition }) => transition === "retracted").length,
      storedAtMs,
    });
  if (evidence.input !== "block") return;
  const alerts = notices.filter(({ topic }) => topic === "finding").length;
  process.send({ kind: "stored", block: Number(evidence.blockNumber), alerts, receivedAtMs, storedAtMs });
}
