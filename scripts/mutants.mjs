// `npm run mutants [-- --module NAME,… --operator NAME,… --sample N --seed S --minutes M --anew]`: breaks the contracts line
// by line and lists what no test notices. Outcomes are kept, so that a run goes on where the last one ended; Ctrl-C ends
// it, and the mutant under test is run again next time. With `--report`, docs/mutants.md is written at the end, and
// `--report` alone writes it from what is kept. With `--check` beside it the exit code is 1 where a survivor is not judged
// in contracts/test/mutants.json.
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
    report: { type: "boolean", default: false },
    check: { type: "boolean", default: false },
  },
});
const texts = readSources();
const mutants = allMutants(texts);
const asksForRun = ["module", "operator", "sample", "minutes"].some((option) => values[option] !== undefined);
if (asksForRun || !values.report) await run();
if (values.report) report();

async function run() {
  const chosen = chosenOf(mutants);
  const results = values.anew ? new Map() : readResults();
  const over = endOf(values.minutes);
  await runMutants(
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
    process.stderr.write(`${file}:${line} survived as ${id}, which is not judged in contracts/test/mutants.json.\n`);
  for (const id of outdated(mutants, judgements))
    process.stderr.write(`${id} is judged in contracts/test/mutants.json and does not exist any more.\n`);
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
