import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "../install.mjs";
import { openRecord } from "./openRecord.mjs";

// Steps on one engine before the next seed has its turn.
const steps = 400;
const secondsBetweenLines = 10;

/**
 * Attacks our EVM for so many minutes, one engine a seed, from `seed` on. Tells every ten seconds how far it is; stops by itself,
 * at a failure at once. With `record`, a file, it goes on after what that tells of, and stops when all sittings together had so
 * many minutes of the processor. Gives the exit code: 0 where all ended as it must, 1 where something did not.
 */
export async function soakEvm({ minutes, seed: firstSeed, record: file, say }) {
  const { emptyTally, runHostile } = await importEngine("hostile/runHostile.testkit.js");
  const record =
    file === undefined ? undefined : openRecord(file, (await importEngine("generated/engineModule.js")).engineModule);
  const seed = record?.next ?? firstSeed;
  const tally = emptyTally();
  const started = Date.now();
  const usedBefore = process.cpuUsage();
  const used = () => minutesOf(process.cpuUsage(usedBefore));
  const isOver = () =>
    record === undefined ? Date.now() >= started + minutes * 60_000 : record.before + used() >= minutes;
  let said = started;
  let now = seed;
  const keep = () => record?.put({ seed, next: now, minutes: used(), runs: tally.runs, compared: tally.compared });
  const tell = (last) => {
    keep();
    say(summary(tally, started, seed, last));
    if (record) say(`${(record.before + used()).toFixed(1)} of ${minutes} min of the processor in all.`);
  };
  const goesOn = () => {
    if (Date.now() - said >= secondsBetweenLines * 1_000) {
      said = Date.now();
      tell(now);
    }
    return !isOver();
  };
  for (; goesOn(); now++) {
    try {
      await runHostile(now, steps, tally, goesOn);
    } catch (error) {
      say(`FAULT ${error instanceof Error ? error.message : String(error)}`);
      if (error?.cause instanceof Error) say(error.cause.stack);
      tell(now);
      return 1;
    }
  }
  tell(now - 1);
  say("All ended as it must.");
  return 0;
}

const importEngine = (file) => import(pathToFileURL(join(root, "packages", "evm", "dist", ...file.split("/"))).href);
const minutesOf = ({ user, system }) => (user + system) / 60_000_000;
const MiB = (bytes) => `${Math.round(bytes / 2 ** 20)} MiB`;

function summary(tally, started, first, last) {
  const minutes = ((Date.now() - started) / 60_000).toFixed(1);
  const { runs, exhausted, compared, taken, slowestMilliseconds, slowest } = tally;
  return [
    `${minutes} min: seeds ${first} to ${last}`,
    `${runs} runs`,
    `${exhausted} for want of memory`,
    `${compared} compared`,
    `engine at most ${MiB(taken)}`,
    `process ${MiB(process.memoryUsage().rss)}`,
    `slowest ${Math.round(slowestMilliseconds)} ms (${slowest})`,
  ].join(", ");
}
