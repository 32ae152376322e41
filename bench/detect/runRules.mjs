// One run of a rules file over blocks made in process, in a process of its own so that its memory is its own. Prints one
// line of JSON. Usage: node bench/detect/runRules.mjs '{"rules":1000,"contracts":100,"blocks":10000,"eventsPerBlock":8}'
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { drive } from "testudo/jobs/step/drive";
import { openMailbox } from "testudo/jobs/step/mailbox";
import { openStepper } from "testudo/jobs/step/stepper";
import { applyCommits } from "testudo/store/applyCommits";
import { loadState } from "testudo/store/loadState";
import { openStore } from "testudo/store/openStore";
import { lastBlockOf, streamOf } from "./rulesLoad.mjs";
import { runChild } from "./runChild.mjs";

const program = fileURLToPath(new URL("../programs/rulesProgram.mjs", import.meta.url));

const creation = fileURLToPath(new URL("createStore.mjs", import.meta.url));

/**
 * Judges and stores `blocks` blocks by `rules` rules on `contracts` contracts: compiled from a file, judged in the
 * detection thread, stored on disk. Times in ms, without starting; memory in MiB, the most of the whole process. The store
 * is there already, as at every start but the first; what its creation took is told beside.
 */
export async function runRules({ rules, contracts, blocks, eventsPerBlock }) {
  const folder = mkdtempSync(join(tmpdir(), "testudo-bench-"));
  const created = JSON.parse(await runChild([creation, folder]));
  const startedMs = performance.now();
  const store = await openStore(folder);
  const reload = async () => {
    const { cells, undo } = await loadState(store);
    return { cells: [...cells], undo };
  };
  const source = { kind: "module", path: program, params: { rules, contracts } };
  const stepper = await openStepper({ source, reload, limitMs: 10_000 });
  const compileMs = performance.now() - startedMs;
  try {
    const { ms, cpuMs, findings } = await scan({ store, stepper, blocks, eventsPerBlock, contracts });
    const events = blocks * eventsPerBlock;
    const peakRssMiB = Math.round(process.resourceUsage().maxRSS / 1024);
    const detectors = stepper.loaded().detectors.length;
    const creationPeakRssMiB = created.peakRssMiB;
    const load = { rules: detectors, contracts, blocks, eventsPerBlock, events };
    return { ...load, findings, compileMs, ms, cpuMs, peakRssMiB, creationPeakRssMiB };
  } finally {
    await stepper.close();
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function scan({ store, stepper, blocks, eventsPerBlock, contracts }) {
  const stop = new AbortController();
  const last = lastBlockOf(blocks);
  let [findings, ms, storedBlocks] = [0, 0, 0];
  const cpu = process.cpuUsage();
  const started = performance.now();
  const { done } = drive({
    stepper,
    mailbox: openMailbox(),
    signal: stop.signal,
    stream: streamOf({ blocks, eventsPerBlock, contracts }),
    answer: () => Promise.reject(new Error("No rule of this load reads state.")),
    store: async (commits, commands) => void (await applyCommits(store, commits, commands, ["terminal"])),
    onStored: ({ evidence, records, cursor }) => {
      findings += records.filter((record) => record.kind === "Finding" && record.class !== "health").length;
      if (evidence.input !== "block") return;
      storedBlocks += 1;
      if (cursor?.number === last) ms = performance.now() - started;
    },
    run: () => {},
  });
  await done;
  if (storedBlocks !== blocks) throw new Error(`${storedBlocks} blocks were stored, ${blocks} expected.`);
  const { user, system } = process.cpuUsage(cpu);
  return { ms, cpuMs: (user + system) / 1_000, findings };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href)
  process.stdout.write(`${JSON.stringify(await runRules(JSON.parse(process.argv[2])))}\n`);
