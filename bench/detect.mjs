// `npm run bench:detect`: the figures of detection, docs/detection-figures.md. `--help` tells the options. With --json one
// object on standard output and nothing else there; progress goes to standard error.
import { loadavg } from "node:os";
import { pathToFileURL } from "node:url";
import { describeMachine } from "./detect/describeMachine.mjs";
import { helpText, readFlags } from "./detect/flags.mjs";
import { partNames, runPart } from "./detect/parts.mjs";
import { renderTable } from "./detect/renderTable.mjs";
import { keepPart, keptPart } from "./detect/results.mjs";
import { summarize } from "./detect/summarize.mjs";

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await main(process.argv.slice(2));

async function main(args) {
  const flags = orExplain(() => readFlags(args, partNames));
  if (flags === undefined) return;
  if (flags.help) {
    process.stdout.write(helpText(partNames));
    return;
  }
  const parts = {};
  const before = loadavg();
  for (const name of flags.only) {
    const kept = flags.resume ? keptPart(name) : undefined;
    if (kept !== undefined) tell(`${name}: kept from ${kept.date}`);
    parts[name] = kept ?? (await measure(name, flags));
  }
  const result = { setting: describeMachine(args, before), parts, summary: summarize(parts) };
  process.stdout.write(flags.json ? `${JSON.stringify(result)}\n` : renderTable(result));
  if (result.summary.broken.length > 0) process.exitCode = 1;
}

/** A part that breaks is told and does not take the others with it. */
async function measure(name, flags) {
  const started = performance.now();
  const loadBefore = loadavg().map((one) => Number(one.toFixed(2)));
  tell(`${name}: begins, load ${loadBefore[0]}`);
  let part;
  try {
    part = await runPart(name, { flags, tell: (line) => tell(`${name}: ${line}`) });
  } catch (error) {
    part = { broke: error instanceof Error ? (error.stack ?? error.message) : String(error) };
    tell(`${name}: ${part.broke}`);
  }
  const seconds = Math.round((performance.now() - started) / 1_000);
  const timed = { ...part, seconds, loadBefore, date: new Date().toISOString() };
  keepPart(name, timed);
  return timed;
}

function orExplain(read) {
  try {
    return read();
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 2;
    return undefined;
  }
}

function tell(line) {
  process.stderr.write(`${line}\n`);
}
