// `npm run soak [-- --rounds N --seed S --kills K --only PLAY]`: faults for as long as wished. Stops by itself; exit code 1
// when something was lost, done twice or stood still. `npm run soak -- --evm MINUTES [--seed S] [--record FILE]`: bytecode that means
// harm, on our EVM; exit code 1 when a run did not end as it must, with the seed that brings it again. With a record it goes on where
// the last sitting ended, until all of them had so many minutes of the processor.
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { build } from "./build.mjs";
import { root } from "./install.mjs";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    seed: { type: "string", default: "1" },
    kills: { type: "string", default: "10" },
    only: { type: "string" },
    evm: { type: "string" },
    record: { type: "string" },
  },
});
const minutes = values.evm === undefined ? 0 : wholeNumber("--evm", values.evm, 1, 10_000);
const rounds = wholeNumber("--rounds", values.rounds, 1, 100_000);
const seed = wholeNumber("--seed", values.seed, 0, 2 ** 31);
const kills = wholeNumber("--kills", values.kills, 0, 1_000);
build();
if (minutes > 0) {
  // After the build: it imports what that makes.
  const { soakEvm } = await import("./soakEvm/command.mjs");
  const say = (text) => process.stdout.write(`${text}\n`);
  process.exit(await soakEvm({ minutes, seed, record: values.record, say }).catch(({ message }) => fail(message)));
}
const { plays } = await import(pathToFileURL(join(root, "examples", "dist", "faults", "soakPlays.js")).href);
const chosen = plays.filter(({ name }) => values.only === undefined || name === values.only);
if (chosen.length === 0)
  fail(
    `--only "${values.only}" is not known.\n- Known: ${plays.map(({ name }) => name).join(", ")}.\n- Choose one of these.`,
  );

const started = Date.now();
const failures = [];
for (let round = 0; round < rounds; round += 1)
  for (const { name, play } of chosen) {
    const say = (text) => process.stderr.write(`  ${text}\n`);
    process.stderr.write(`round ${round + 1} of ${rounds}, ${name}, seed ${seed + round}\n`);
    const faults = await play({ seed: seed + round, kills, say }).catch((error) => [
      error instanceof Error ? error.message : String(error),
    ]);
    for (const fault of faults) process.stderr.write(`  FAULT ${fault}\n`);
    if (faults.length > 0) failures.push(`${name}, seed ${seed + round}: ${faults[0].split("\n")[0]}`);
  }
const took = ((Date.now() - started) / 60_000).toFixed(1);
process.stdout.write(`${rounds * chosen.length} plays in ${took} min, ${failures.length} with faults\n`);
for (const failure of failures) process.stdout.write(`${failure}\n`);
process.exit(failures.length > 0 ? 1 : 0);

function wholeNumber(flag, text, least, most) {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  return fail(`${flag} "${text}" is not possible.\n- Allowed: a whole number from ${least} to ${most}.\n- Correct it.`);
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(2);
}
