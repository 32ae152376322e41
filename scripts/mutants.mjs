// `npm run mutants [-- --module NAME,… --operator NAME,… --sample N --seed S --minutes M --anew --survivors --workers N]`:
// breaks the contracts line by line and lists what no test notices. Outcomes are kept, so that a run goes on where the last
// one ended; Ctrl-C ends it, and the mutants under test are run again next time. `--survivors` runs those again that
// survived and are not judged, as after a test was written for them. With `--report`, docs/mutants.md is written at the end, and `--report`
// alone writes it from what is kept. With `--check` beside it the exit code is 1 where a survivor is not judged in
// contracts/test/mutants/judgements.json.
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { root } from "./install.mjs";
import { operators } from "./mutants/operators.mjs";
import { allMutants, readSources } from "./mutants/readSources.mjs";
import { countsOf, outdated, reportOf, unjudged } from "./mutants/reportOf.mjs";
import { appendResult, readJudgements, readResults } from "./mutants/results.mjs";
import { runMutants } from "./mutants/runMutants.mjs";
import { sampleOf } from "./mutants/sampleOf.mjs";

const { values } = parseArgs({
  options: {
    module: { type: "string" },
    operator: { type: "string" },
    sample: { type: "string" },
    seed: { type: "string", default: "1" },
    minutes: { type: "string" },
    anew: { type: "boolean", default: false },
    survivors: { type: "boolean", default: false },
    workers: { type: "string", default: "1" },
    // Which of how many workers this is, as "0/2": for the workers that a run starts.
    share: { type: "string" },
    report: { type: "boolean", default: false },
    check: { type: "boolean", default: false },
  },
});
const texts = readSources();
const mutants = allMutants(texts);
const asksForRun = ["module", "operator", "sample", "minutes"].some((option) => values[option] !== undefined);
if (asksForRun || values.survivors || !values.report) await (wholeNumber("workers") > 1 ? runWorkers() : run());
if (values.report) report();

async function runWorkers() {
  const count = wholeNumber("workers");
  // They end by the same Ctrl-C, and each says so itself.
  process.on("SIGINT", () => {});
  const codes = await Promise.all(Array.from({ length: count }, (_, i) => runWorker(`${i}/${count}`)));
  process.exitCode = Math.max(...codes);
}

function runWorker(share) {
  const args = process.argv.slice(2).filter((arg) => arg !== "--report" && arg !== "--check");
  const child = spawn(process.execPath, [process.argv[1], ...args, "--workers", "1", "--share", share], {
    stdio: "inherit",
  });
  return new Promise((done, fail) => child.once("error", fail).once("close", (code) => done(code ?? 1)));
}

async function run() {
  const [worker, count] = (values.share ?? "0/1").split("/").map(Number);
  const chosen = chosenOf(mutants).filter((_, i) => i % count === worker);
  const results = values.anew ? new Map() : readResults();
  if (values.survivors) for (const { id } of unjudged(chosen, results, readJudgements())) results.delete(id);
  const over = endOf(values.minutes);
  await runMutants(
    worker,
    chosen.filter(({ id }) => !results.has(id)),
    texts,
    over,
    (mutant, outcome) => {
      appendResult(mutant.id, outcome);
      results.set(mutant.id, outcome);
      tell(mutant, outcome, countsOf(chosen, results));
    },
  );
  const { killed, survived, uncompiled, left } = countsOf(chosen, results);
  process.stdout.write(`${JSON.stringify({ killed, survived, uncompiled, left })}\n`);
}

function chosenOf(mutants) {
  const modules = listed("module", new Set(mutants.map(({ module }) => module)));
  const names = listed("operator", new Set(Object.keys(operators)));
  const asked = mutants.filter(({ module, operator }) => modules.has(module) && names.has(operator));
  return values.sample === undefined ? asked : sampleOf(asked, wholeNumber("sample"), values.seed);
}

function listed(option, known) {
  if (values[option] === undefined) return known;
  const names = values[option].split(",");
  const stranger = names.find((name) => !known.has(name));
  if (stranger !== undefined) refuse(`--${option} "${stranger}" is not known.`, `Known: ${[...known].join(", ")}.`);
  return new Set(names);
}

/** Whether the time is over; `byHand` whether someone said so. */
function endOf(minutes) {
  const end = minutes === undefined ? Number.POSITIVE_INFINITY : Date.now() + wholeNumber("minutes") * 60_000;
  let stopped = false;
  process.on("SIGINT", () => {
    stopped = true;
    process.stderr.write("Ending; the mutant under test is run again next time.\n");
  });
  return Object.assign(() => stopped || Date.now() > end, { byHand: () => stopped });
}

function tell({ file, line, operator, id }, outcome, { killed, survived, uncompiled, left }) {
  const counts = `killed ${killed}, survived ${survived}, not compiled ${uncompiled}, left ${left}`;
  process.stdout.write(`${outcome.padEnd(10)} ${file}:${line} ${operator} ${id} (${counts})\n`);
}

function report() {
  const [results, judgements] = [readResults(), readJudgements()];
  if (results.size === 0) refuse("No mutant was run here yet.", "Run `npm run mutants -- --sample 8` first.");
  writeFileSync(join(root, "docs", "mutants.md"), reportOf(mutants, results, judgements));
  const open = unjudged(mutants, results, judgements);
  for (const { file, line, id } of open)
    process.stderr.write(
      `${file}:${line} survived as ${id}, which is not judged in contracts/test/mutants/judgements.json.\n`,
    );
  for (const id of outdated(mutants, judgements))
    process.stderr.write(`${id} is judged in contracts/test/mutants/judgements.json and does not exist any more.\n`);
  if (values.check && open.length > 0) process.exitCode = 1;
}

function wholeNumber(option) {
  const number = Number(values[option]);
  if (!Number.isSafeInteger(number) || number < 1)
    refuse(`--${option} "${values[option]}" is no whole number above 0.`);
  return number;
}

function refuse(what, ...ways) {
  process.stderr.write(`${[what, ...ways.map((way) => `- ${way}`)].join("\n")}\n`);
  process.exit(2);
}
