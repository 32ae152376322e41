// `npm run bench`: the figures of docs/benchmarks.md. `--help` tells the options.
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { contenders, runBackScan } from "./backScan.mjs";
import { judgeBackScan, judgeLatency } from "./judgeRun.mjs";
import { runLatency } from "./latency/runLatency.mjs";
import { makeTraffic, startLoad } from "./load/chain.mjs";
import { tablesOf } from "./tables.mjs";

const txsPerBlock = 4;
const eventsPerTx = 5;
const warmUpBlocks = 10;
const marks = ["<!-- figures: written by npm run bench -->", "<!-- end of figures -->"];

const { values: flags } = parseArgs({
  options: {
    blocks: { type: "string", default: "500" },
    rounds: { type: "string", default: "7" },
    only: { type: "string" },
    part: { type: "string" },
    profile: { type: "string" },
    help: { type: "boolean", default: false },
  },
});

if (flags.help) process.stdout.write(helpText());
else await main();

async function main() {
  const isWhole = flags.only === undefined && flags.part === undefined && flags.profile === undefined;
  const before = loadavg();
  const backScan = flags.part === "latency" ? undefined : await measureBackScan();
  const latency = flags.part === "backscan" ? undefined : await measureLatency();
  const result = { setting: settingOf(before), backScan, latency };
  const tables = tablesOf(result);
  process.stdout.write(`\n${tables}\n`);
  if (isWhole) record(result, tables);
}

async function measureBackScan() {
  const blocks = Number(flags.blocks);
  tell(`Making ${blocks} blocks …`);
  const load = await startLoad();
  try {
    const { from, to } = await makeTraffic(load, blocks, txsPerBlock);
    const { anvil, token, treasury } = load;
    const events = blocks * txsPerBlock * eventsPerTx;
    const results = await runBackScan(
      { url: anvil.url, from, to, token, treasury, events },
      {
        rounds: Number(flags.rounds),
        only: flags.only?.split(","),
        profileDir: flags.profile,
        onResult: (round, name, { ms }) =>
          tell(`${round === 0 ? "warm-up" : `round ${round}`}  ${name}: ${Math.round((events / ms) * 1000)} events/s`),
      },
    );
    return judgeBackScan(results);
  } finally {
    load.node.close();
    await load.anvil.stop();
  }
}

async function measureLatency() {
  const runs = [
    { name: "a block every 250 ms", blocks: 200, paceMs: 250 },
    { name: "a block every second", blocks: 60, paceMs: 1_000 },
  ];
  const judged = [];
  for (const { name, blocks, paceMs } of runs) {
    tell(`Latency: ${blocks} blocks, ${name} …`);
    judged.push(judgeLatency(name, await runLatency({ blocks, paceMs, warmUp: warmUpBlocks })));
  }
  return judged;
}

function settingOf(loadBefore) {
  const blocks = Number(flags.blocks);
  const txs = blocks * txsPerBlock;
  const textOf = (loads) => loads.map((load) => load.toFixed(2)).join(", ");
  return {
    command: ["npm run bench", ...(process.argv.length > 2 ? ["--", ...process.argv.slice(2)] : [])].join(" "),
    date: new Date().toISOString().slice(0, 10),
    commit: commitOf(),
    node: process.versions.node,
    anvil: `anvil ${versionOf("../node_modules/@foundry-rs/anvil/package.json")}`,
    cpus: cpus().length,
    cpuModel: cpus()[0]?.model ?? "unknown",
    loadBefore: textOf(loadBefore),
    loadAfter: textOf(loadavg()),
    blocks,
    txs,
    events: txs * eventsPerTx,
    rounds: Number(flags.rounds),
  };
}

function commitOf() {
  try {
    return execFileSync("git", ["rev-parse", "--short", "HEAD"], {
      cwd: pathOf(".."),
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  } catch {
    return "unknown";
  }
}

function versionOf(packageFile) {
  return JSON.parse(readFileSync(pathOf(packageFile), "utf8")).version;
}

function record(result, tables) {
  mkdirSync(pathOf("results"), { recursive: true });
  writeFileSync(pathOf("results/latest.json"), `${JSON.stringify(result, null, 2)}\n`);
  const page = pathOf("../docs/benchmarks.md");
  const text = readFileSync(page, "utf8");
  const [start, end] = [text.indexOf(marks[0]), text.indexOf(marks[1])];
  if (start < 0 || end < start) throw new Error(`${page} has no place for figures: "${marks[0]}" … "${marks[1]}".`);
  writeFileSync(page, `${text.slice(0, start + marks[0].length)}\n${tables}${text.slice(end)}`);
  tell("Written: bench/results/latest.json, docs/benchmarks.md");
}

function pathOf(relative) {
  return fileURLToPath(new URL(relative, import.meta.url));
}

function tell(line) {
  process.stderr.write(`${line}\n`);
}

function helpText() {
  return `npm run bench -- [options]
  --rounds N      rounds that count, after one to warm up (default 7)
  --blocks N      blocks of the back-scan (default 500)
  --only A,B      contenders: ${contenders.map(({ key }) => key).join(", ")}
  --part NAME     backscan or latency alone
  --profile DIR   writes a CPU profile of each contender to DIR
Only a whole run is written to bench/results/latest.json and docs/benchmarks.md.
`;
}
