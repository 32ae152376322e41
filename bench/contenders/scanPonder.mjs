// Ponder's own `start`, on an empty database in every round, because a back-scan is of blocks that were not seen before.
// Its start (compiling, opening the database) is not in the time, as ours is not: by its own log it counts from the
// beginning of the backfill to the end of indexing.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const peers = fileURLToPath(new URL("../peers", import.meta.url));
const started = "Started backfill indexing";
const finished = "Completed indexing across all chains";
const patienceMs = 600_000;

/** Indexes the transfers of blocks `from` to `to`, which have to be final. Throws when Ponder ends or takes ten minutes. */
export async function scanPonder({ url, from, to, token }) {
  const folder = mkdtempSync(join(tmpdir(), "testudo-bench-ponder-"));
  const port = await freePort();
  const args = ["start", "--root", join(peers, "ponder"), "--schema", "bench", "--log-format", "json", "-p", `${port}`];
  const env = {
    ...process.env,
    PONDER_TELEMETRY_DISABLED: "true",
    BENCH_URL: url,
    BENCH_FROM: `${from}`,
    BENCH_TO: `${to}`,
    BENCH_TOKEN: token,
    BENCH_FOLDER: folder,
  };
  const bootStarted = Date.now();
  const child = spawn(process.execPath, [join(peers, "node_modules/ponder/dist/esm/bin/ponder.js"), ...args], {
    cwd: peers,
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const gone = new Promise((resolve) => child.once("exit", resolve));
  try {
    const { startedAtMs, finishedAtMs } = await timesOf(child);
    const tally = await (await fetch(`http://127.0.0.1:${port}/tally`)).json();
    return {
      ms: finishedAtMs - startedAtMs,
      bootMs: startedAtMs - bootStarted,
      events: Number(tally.events),
      sum: tally.sum,
    };
  } finally {
    child.kill();
    await gone;
    rmSync(folder, { recursive: true, force: true });
  }
}

function timesOf(child) {
  return new Promise((resolve, reject) => {
    const said = [];
    const timer = setTimeout(() => reject(new Error(`Ponder was not done after ${patienceMs} ms.`)), patienceMs);
    const end = (settle, value) => {
      clearTimeout(timer);
      settle(value);
    };
    child.once("exit", (code) =>
      end(reject, new Error(`Ponder ended with code ${code}.\n${said.slice(-5).join("\n")}`)),
    );
    let startedAtMs;
    createInterface({ input: child.stdout }).on("line", (line) => {
      said.push(line);
      if (line.includes(started)) startedAtMs ??= timeOf(line);
      else if (line.includes(finished)) end(resolve, { startedAtMs, finishedAtMs: timeOf(line) });
    });
  });
}

function timeOf(line) {
  return JSON.parse(line).time;
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
