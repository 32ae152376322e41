import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { root } from "../install.mjs";
import { contractWorlds, soupWorlds } from "./fuzzWorlds.mjs";

const usage = `npm run fuzz -- --evm [--runs N] [--seed S] [--only TEXT]
  Random transactions on our EVM and on @ethereumjs/vm; stops at the first difference.
  --runs N     transactions altogether (default 100000)
  --seed S     the same seed gives the same transactions (default 1)
  --only TEXT  only worlds whose name has TEXT in it
A difference is written to packages/evm/src/fuzz/seeds/, where a test replays it from then on.
`;
// Transactions on one state before the next world has its turn.
const turn = 100;
// Gas beyond what a transaction costs in any case.
const bounds = { contracts: { ample: 1_500_000, tight: 120_000 }, soup: { ample: 150_000, tight: 60_000 } };
// Of ten turns, those of random bytecode.
const soupTurns = 3;

/** Runs the comparison; gives the exit code: 0 without a difference, 1 with one, 2 for a wrong option. */
export async function fuzzEvm(args) {
  const { values } = parseArgs({
    args,
    options: {
      runs: { type: "string", default: "100000" },
      seed: { type: "string", default: "1" },
      only: { type: "string", default: "" },
      help: { type: "boolean" },
    },
  });
  if (values.help) return say(usage, 0);
  const [runs, seed] = [values.runs, values.seed].map((text) => (/^\d{1,9}$/.test(text) ? Number(text) : -1));
  if (runs < 1 || seed < 0) return say(`--runs and --seed are whole numbers, runs at least 1.\n${usage}`, 2);
  const result = await compareEngines({ runs, seed, only: values.only, withMorpho: true, progress: report });
  process.stdout.write(`${summary(result)}\n`);
  if (result.difference === undefined) return 0;
  const file = await keep(result.difference, result.failedSeed);
  return say(`DIFFERENCE in ${result.failedWorld}: ${result.difference.what}\nKept as ${file}\n`, 1);
}

/** Runs `runs` transactions over the worlds in turn. */
export async function compareEngines({ runs, seed, only = "", withMorpho = false, progress = () => {} }) {
  const { openComparison } = await import(
    pathToFileURL(join(root, "packages", "evm", "dist", "fuzz", "compareWorld.testkit.js")).href
  );
  const named = ({ name }) => name.includes(only);
  const contracts = (await contractWorlds({ withMorpho })).filter(named);
  const soups = [await soupWorlds()].filter(named);
  const started = Date.now();
  const opened = new Map();
  // Each world of contracts is opened four times at most: deployed with other arguments, and with its state given or asked for.
  const open = async (way, i, isKept) => {
    const variant = i % 4;
    const key = `${way.name} ${variant}`;
    const variantSeed = isKept ? seed * 4 + variant : seed * 1_000_003 + i;
    if (!opened.has(key) || !isKept) opened.set(key, openComparison(await way.open(variantSeed), variant >= 2));
    return opened.get(key);
  };
  const total = { transactions: 0, succeeded: 0, gas: 0n, worlds: new Map(), contracts: new Map() };
  for (let i = 0; total.transactions < runs; i++) {
    const isSoup = contracts.length === 0 || (soups.length > 0 && i % 10 < soupTurns);
    const place = isSoup ? 0 : (i - (soups.length > 0 ? soupTurns * (1 + Math.floor(i / 10)) : 0)) % contracts.length;
    const way = isSoup ? soups[0] : contracts[place];
    if (way === undefined) throw new Error(`No world has "${only}" in its name.`);
    const turnSeed = seed * 1_000_003 + i;
    const { world, run: compare } = await open(way, isSoup ? i : Math.floor(i / 10), !isSoup);
    const count = Math.min(turn, runs - total.transactions);
    const run = await compare(turnSeed, count, isSoup ? bounds.soup : bounds.contracts);
    total.transactions += run.transactions;
    total.succeeded += run.succeeded;
    total.gas += run.gas;
    total.worlds.set(world.name, (total.worlds.get(world.name) ?? 0) + run.transactions);
    if (!isSoup) total.contracts.set(world.name, world.targets.length);
    total.milliseconds = Date.now() - started;
    if (run.difference !== undefined) {
      return { ...total, difference: run.difference, failedSeed: turnSeed, failedWorld: world.name };
    }
    progress(total, runs);
  }
  return total;
}

let shown = 0;
function report(total, runs) {
  if (Date.now() - shown < 10_000) return;
  shown = Date.now();
  process.stderr.write(`  ${total.transactions} of ${runs}, ${(total.milliseconds / 1000).toFixed(0)} s\n`);
}

function summary({ transactions, succeeded, gas, worlds, contracts, milliseconds, difference }) {
  const count = [...contracts.values()].reduce((sum, each) => sum + each, 0);
  const lines = [...worlds].map(
    ([name, times]) =>
      `  ${name}: ${times} transactions${contracts.has(name) ? `, ${contracts.get(name)} contracts` : ""}`,
  );
  return [
    ...lines,
    `${transactions} transactions over ${count} contracts, ${succeeded} succeeded, ${gas} gas, ` +
      `${(milliseconds / 60_000).toFixed(1)} min, ${difference === undefined ? 0 : 1} differences`,
  ].join("\n");
}

async function keep({ reproducer }, seed) {
  const { writeFuzzCase } = await import(
    pathToFileURL(join(root, "packages", "evm", "dist", "fuzz", "fuzzCaseJson.js")).href
  );
  const folder = join(root, "packages", "evm", "src", "fuzz", "seeds");
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${reproducer.name.replaceAll(/[^a-z0-9]+/gi, "-")}-${seed}.json`);
  writeFileSync(file, writeFuzzCase(reproducer));
  return file;
}

function say(text, code) {
  process.stderr.write(text);
  return code;
}
