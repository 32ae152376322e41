import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "../install.mjs";

// Steps on one engine before the next seed has its turn.
const steps = 400;
const secondsBetweenLines = 10;

/**
 * Attacks our EVM for so many minutes, one engine a seed, from `seed` on. Tells every ten seconds how far it is; stops by itself,
 * at a failure at once. Gives the exit code: 0 where all ended as it must, 1 where something did not.
 */
export async function soakEvm({ minutes, seed, say }) {
  const { emptyTally, runHostile } = await import(
    pathToFileURL(join(root, "packages", "evm", "dist", "hostile", "runHostile.testkit.js")).href
  );
  const tally = emptyTally();
  const started = Date.now();
  const end = started + minutes * 60_000;
  let said = started;
  let now = seed;
  const goesOn = () => {
    if (Date.now() - said >= secondsBetweenLines * 1_000) {
      said = Date.now();
      say(summary(tally, started, seed, now));
    }
    return Date.now() < end;
  };
  for (; goesOn(); now++) {
    try {
      await runHostile(now, steps, tally, goesOn);
    } catch (error) {
      say(`FAULT ${error instanceof Error ? error.message : String(error)}`);
      if (error?.cause instanceof Error) say(error.cause.stack);
      say(summary(tally, started, seed, now));
      return 1;
    }
  }
  say(summary(tally, started, seed, now - 1));
  say("All ended as it must.");
  return 0;
}

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
