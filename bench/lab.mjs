// `npm run bench:lab`: our search beside forge's invariant runner on the same mazes, in turns, and how many assertions of each
// maze ours finds; docs/lab-figures.md. `--rounds N` (5), `--minutes N` (1) for each maze, `--mazes N` (5), `--json`.
import { loadavg } from "node:os";
import { parseArgs } from "node:util";
import { compileSol } from "../apps/server/dist/attack/compileSol.js";
import { tellAssertion } from "../apps/server/dist/attack/tellAssertion.js";
import { deployTarget } from "../packages/lab/dist/adversary/deployTarget.js";
import { openHunt } from "../packages/lab/dist/adversary/openHunt.js";
import { describeMachine } from "./detect/describeMachine.mjs";
import { forgeRate } from "./lab/forgeRate.mjs";
import { writeMaze } from "./lab/mazes.mjs";
import { spreadOf } from "./statistics.mjs";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    minutes: { type: "string", default: "1" },
    mazes: { type: "string", default: "5" },
    json: { type: "boolean", default: false },
  },
});
const aim = 5;
const seconds = 4;
const forgeRuns = 100;
const before = loadavg();
const mazes = Array.from({ length: Number(values.mazes) }, (_, seed) => writeMaze(seed));
const rounds = [];
for (let round = 0; round < Number(values.rounds); round++) {
  const maze = mazes[round % mazes.length];
  const ours = await ourRate(maze, round + 1);
  const peer = forgeRate(maze.folder, forgeRuns).rate;
  rounds.push({ ours, peer, ratio: ours / peer });
  process.stderr.write(`round ${round + 1}: ${Math.round(ours)} against ${Math.round(peer)}\n`);
}
const found = [];
for (const [index, maze] of mazes.entries()) {
  const hunt = await open(maze.file, index + 1);
  const end = cpuSeconds() + 60 * Number(values.minutes);
  while (cpuSeconds() < end) hunt.advance(4_000);
  found.push({
    maze: index,
    calls: hunt.calls,
    found: hunt.violations.length,
    lastAtCall: Math.max(0, ...hunt.violations.map(({ atCall }) => atCall)),
  });
  process.stderr.write(`maze ${index}: ${hunt.violations.length} assertions in ${hunt.calls} calls\n`);
}
const result = {
  setting: describeMachine(process.argv.slice(2), before, "bench:lab"),
  rate: {
    ours: spreadOf(rounds.map(({ ours }) => ours)),
    peer: spreadOf(rounds.map(({ peer }) => peer)),
    ratio: spreadOf(
      rounds.map(({ ratio }) => ratio),
      2,
    ),
    aim,
  },
  mazes: { minutes: Number(values.minutes), found, sum: found.reduce((sum, each) => sum + each.found, 0) },
};
process.stdout.write(values.json ? `${JSON.stringify(result)}\n` : textOf(result));
process.exit(0);

async function open(file, seed) {
  const compiled = compileSol(file);
  return openHunt(await deployTarget(compiled, "Maze", tellAssertion(compiled)), seed, () => performance.now());
}

/** Calls a second of processor time, mutation, feedback and oracles on, from the first call on. */
async function ourRate(maze, seed) {
  const hunt = await open(maze.marked, seed);
  const start = cpuSeconds();
  while (cpuSeconds() - start < seconds) hunt.advance(4_000);
  return hunt.calls / (cpuSeconds() - start);
}

function cpuSeconds() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

function textOf({ setting, rate, mazes: { minutes, found: rows, sum } }) {
  const told = ({ min, median, max }) => `${min} / ${median} / ${max}`;
  return [
    `${setting.command} on ${setting.date}, commit ${setting.commit}, Node ${setting.node}, ${setting.cpus} cores (${setting.cpuModel}).`,
    `Load average before and after: ${setting.loadBefore} and ${setting.loadAfter}. Calls a second of processor time: minimum / median / maximum.`,
    "",
    "| ours | forge's invariant runner | ratio | aim |",
    "|---|---|---|---|",
    `| ${told(rate.ours)} | ${told(rate.peer)} | ${told(rate.ratio)} | >= ${rate.aim}${rate.ratio.median >= rate.aim ? "" : ", MISSED"} |`,
    "",
    `Assertions found in ${minutes} minutes of one core a maze: ${sum}.`,
    ...rows.map((row) => `- maze ${row.maze}: ${row.found} in ${row.calls} calls, the last at call ${row.lastAtCall}`),
    "",
  ].join("\n");
}
