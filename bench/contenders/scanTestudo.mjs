// The parts of a running watch, put together as apps/server does, without its HTTP interface: stream, thread of
// detectors, store on disk. Starting them is not in the time; judging and storing every block is.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { fetchBlock } from "@testudo/chain/block/fetchBundle";
import { openEndpoint } from "@testudo/chain/rpc/rpcEndpoint";
import { readAhead } from "@testudo/chain/state/readAhead";
import { openStateReader } from "@testudo/chain/state/readState";
import { watchBlocks } from "@testudo/chain/stream/watchBlocks";
import { drive } from "testudo/jobs/step/drive";
import { openMailbox } from "testudo/jobs/step/mailbox";
import { loadProgram } from "testudo/jobs/step/programSource";
import { openStepper } from "testudo/jobs/step/stepper";
import { applyCommits } from "testudo/store/applyCommits";
import { loadState } from "testudo/store/loadState";
import { openStore } from "testudo/store/openStore";
import { frameLogsOf } from "testudo/watch/frameLogsOf";
import { scopesOf } from "testudo/watch/scopesOf";

/** Back-scans blocks `from` to `to` with the program of `programFile`, from an empty store. */
export async function scanTestudo(programFile, params, { url, from, to }) {
  const source = {
    kind: "module",
    path: fileURLToPath(new URL(`../programs/${programFile}`, import.meta.url)),
    params,
  };
  const folder = mkdtempSync(join(tmpdir(), "testudo-bench-"));
  const bootStarted = performance.now();
  const store = await openStore(folder);
  const endpoint = openEndpoint(url);
  const program = await loadProgram(source);
  const reload = async () => {
    const { cells, undo } = await loadState(store);
    return { cells: [...cells], undo };
  };
  const stepper = await openStepper({ source, reload, limitMs: 2_000 });
  const cursor = (await fetchBlock(endpoint, BigInt(from) - 1n, false)).ref;
  const bootMs = performance.now() - bootStarted;
  try {
    const seen = await scan({ store, endpoint, program, stepper, cursor, to: BigInt(to) });
    const findings = await store.db
      .selectFrom("records")
      .select((e) => [e.fn.countAll().as("count")])
      .where("kind", "=", "Finding")
      .executeTakeFirstOrThrow();
    return { ...seen, bootMs, findings: Number(findings.count) };
  } finally {
    await stepper.close();
    endpoint.close();
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function scan({ store, endpoint, program, stepper, cursor, to }) {
  const stop = new AbortController();
  const { signal } = stop;
  const mailbox = openMailbox();
  const tally = { events: 0, txs: 0, frames: 0, storedBlocks: 0, asks: 0, storeMs: 0 };
  const fetched = { scopes: scopesOf(program), frameLogs: frameLogsOf(program) };
  const stream = watchBlocks({ endpoints: [endpoint], quorum: 1, ...fetched, from: cursor, signal });
  const reader = readAhead(openStateReader([endpoint]), stream.coming);
  const started = performance.now();
  let ms = 0;
  const { done } = drive({
    stepper,
    mailbox,
    signal,
    stream: counted(stream, tally, to),
    seer: reader,
    answer: (ref, reads) => {
      tally.asks += 1;
      return reader.read(ref, reads);
    },
    store: async (commits, commands) => {
      const before = performance.now();
      await applyCommits(store, commits, commands, ["terminal"]);
      tally.storeMs += performance.now() - before;
    },
    onStored: (commit) => {
      if (commit.evidence.input !== "block") return;
      tally.storedBlocks += 1;
      if (commit.cursor?.number !== to) return;
      ms = performance.now() - started;
    },
    run: () => {},
  });
  await done;
  stop.abort();
  const expected = Number(to - cursor.number);
  if (tally.storedBlocks !== expected)
    throw new Error(`${tally.storedBlocks} blocks were stored, ${expected} expected.`);
  return { ms, ...tally };
}

/** The stream up to block `to`: what follows belongs to nobody's measure. */
async function* counted(stream, tally, to) {
  for await (const event of stream) {
    if (event.kind === "block") {
      tally.events += event.bundle.logs.length;
      tally.txs += event.bundle.txs.length;
      tally.frames += (event.bundle.traces ?? []).reduce((sum, trace) => sum + framesOf(trace), 0);
    }
    yield event;
    if (event.kind === "block" && event.bundle.ref.number === to) return;
  }
}

function framesOf({ calls }) {
  return calls.reduce((sum, call) => sum + framesOf(call), 1);
}
