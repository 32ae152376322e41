// The command behind `npm run conformance`: arguments in, report and exit code out.
import { existsSync, readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { forkNames } from "../../packages/evm/dist/fork.js";
import { root } from "../install.mjs";
import { judgeKnown, readKnown } from "./known.mjs";
import { EngineUnopened } from "./openThread.mjs";
import { runPool } from "./runPool.mjs";

const help = `npm run conformance -- [options]
  Runs Testudo's EVM against the Ethereum state tests.
  --dir FOLDER    tests to run: JSON files and tar.gz, at any depth (default: $TESTUDO_DATA/ethereum-tests)
  --fork NAMES    only these forks, with commas (default: ${forkNames.join(",")})
  --workers N     threads (default: one a core)
  --json          print {passed, failed, skipped, failures, skips} and nothing else
  --engine FILE   another engine to judge: a module that exports openStateTestEngine
  Exit: 0 all passed, 1 something failed or nothing ran, 2 bad usage, unreadable folder or malformed file.
`;
const options = {
  dir: { type: "string" },
  fork: { type: "string" },
  workers: { type: "string" },
  json: { type: "boolean", default: false },
  engine: { type: "string" },
  help: { type: "boolean", default: false },
};

/** Does what `args` say; gives the exit code. The report goes to standard output, progress to standard error. */
export async function runConformance(args, defaultEngine) {
  try {
    const asked = readArguments(args, defaultEngine);
    if (asked === undefined) {
      process.stdout.write(help);
      return 0;
    }
    return await report(asked);
  } catch (error) {
    if (!(error instanceof ConformanceRefused || error instanceof EngineUnopened)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 2;
  }
}

async function report({ dir, isJson, ...asked }) {
  const known = readKnown(join(root, "docs", "evm-conformance.json"));
  const tally = await runPool({ dir, ...asked });
  if (tally.ran.length === 0) throw new ConformanceRefused(`"${dir}" holds no tests`, "JSON files or tar.gz of them");
  const judged = judgeKnown(tally, known);
  for (const stale of judged.stale)
    process.stderr.write(`docs/evm-conformance.json lists ${stale}, which passes: take it out.\n`);
  const result = { ...tally, failures: judged.failures };
  if (tally.passed + tally.failures.length === 0) process.stderr.write("No case ran.\n");
  process.stdout.write(isJson ? toJson(result) : toText(result));
  if (tally.failures.some(({ why }) => /^(?:malformed|unreadable): /.test(why))) return 2;
  return tally.failures.length > 0 || tally.passed === 0 ? 1 : 0;
}

function toJson({ passed, failures, skips }) {
  const counts = { passed, failed: failures.length, skipped: sum(skips), failures };
  return `${JSON.stringify({ ...counts, skips: [...skips].map(([why, count]) => ({ why, count })) }, null, 2)}\n`;
}

function toText({ passed, failures, skips }) {
  const lines = failures.map(
    ({ file, name, index, why }) =>
      `FAILED ${[file, name].filter((part) => part !== "").join(" ")}${index < 0 ? "" : ` [${index}]`}: ${why}`,
  );
  for (const [why, count] of skips) lines.push(`skipped ${count}: ${why}`);
  lines.push("", `${passed} passed, ${failures.length} failed, ${sum(skips)} skipped`);
  return `${lines.join("\n")}\n`;
}

function sum(skips) {
  return [...skips.values()].reduce((total, count) => total + count, 0);
}

function readArguments(args, defaultEngine) {
  const values = parse(args);
  if (values.help) return undefined;
  const engine = resolve(values.engine ?? defaultEngine);
  if (!existsSync(engine)) throw new ConformanceRefused(`The engine "${engine}" is not there`, "a module's file");
  return {
    dir: readableFolder(values.dir),
    forks: forksOf(values.fork),
    workers: workersOf(values.workers),
    engine: pathToFileURL(engine).href,
    isJson: values.json,
  };
}

function parse(args) {
  try {
    return parseArgs({ args, options, strict: true }).values;
  } catch (error) {
    throw new ConformanceRefused(error.message.replace(/\.$/, ""), "what --help shows");
  }
}

function readableFolder(dir) {
  const data = process.env.TESTUDO_DATA;
  if (dir === undefined && !data)
    throw new ConformanceRefused("Neither --dir nor TESTUDO_DATA is set", "a folder of state tests in one of them");
  const folder = resolve(dir ?? join(data, "ethereum-tests"));
  try {
    readdirSync(folder);
  } catch (error) {
    throw new ConformanceRefused(`"${folder}" cannot be read (${error.code})`, "a folder of state tests");
  }
  return folder;
}

function forksOf(names) {
  if (names === undefined) return forkNames;
  const forks = names
    .toLowerCase()
    .split(",")
    .map((name) => name.trim());
  for (const fork of forks)
    if (!forkNames.includes(fork)) throw new ConformanceRefused(`Fork "${fork}" is unknown`, forkNames.join(", "));
  return forks;
}

function workersOf(count) {
  if (count === undefined) return availableParallelism();
  if (/^[1-9]\d{0,2}$/.test(count)) return Number(count);
  throw new ConformanceRefused(`--workers is "${count}"`, "a number from 1 to 999");
}

/** The command cannot begin. Not retryable as it stands. */
export class ConformanceRefused extends Error {
  name = "ConformanceRefused";
  constructor(what, needed) {
    super(`${what}.\n- Needed: ${needed}.\n- Options: npm run conformance -- --help`);
  }
}
