import { fileURLToPath } from "node:url";
import { runChild } from "./runChild.mjs";
import { aimOf } from "./summarize.mjs";

const program = fileURLToPath(new URL("runRules.mjs", import.meta.url));
const eventsPerBlock = 8;
const growths = [1, 2, 4];
const mostMiB = 1_024;

/**
 * A rules file of 1,000 rules on 100 contracts over blocks made in process, at 1, 2 and 4 times as many events: memory, and
 * whether time grows faster than events. Beside it 100 rules over the same blocks: what the other 900 cost.
 */
export async function measureRules({ flags, tell }) {
  return measureSizes({ rules: 1_000, contracts: 100, blocks: flags.ruleBlocks, tell });
}

export async function measureSizes({ rules, contracts, blocks, tell }) {
  const run = async (load) => {
    const result = JSON.parse(await runChild([program, JSON.stringify({ contracts, blocks, ...load })]));
    tell(`${result.rules} rules, ${result.events} events: ${Math.round(result.ms)} ms, ${result.peakRssMiB} MiB`);
    return result;
  };
  const runs = [];
  for (const growth of growths)
    runs.push({ growth, ...(await run({ rules, eventsPerBlock: eventsPerBlock * growth })) });
  const few = await run({ rules: Math.max(1, rules / 10), eventsPerBlock });
  return figuresOf(runs, few);
}

/** Memory and growth of `runs` (the first is the measure of the others); `few` has a tenth of the rules. */
export function figuresOf(runs, few) {
  const [first] = runs;
  const peakRssMiB = Math.max(...runs.map((run) => run.peakRssMiB));
  const grown = runs.slice(1).map((run) => ({
    events: run.growth,
    time: round(run.cpuMs / first.cpuMs),
    wall: round(run.ms / first.ms),
  }));
  const perEventUs = runs.map(({ cpuMs, events }) => Math.round((cpuMs * 1_000) / events));
  return {
    runs,
    few,
    peakRssMiB,
    grown,
    perEventUs,
    aims: [
      aimOf("peak memory (RSS) of the whole process", "<", mostMiB, peakRssMiB, " MiB"),
      ...grown.map(({ events, time }) =>
        aimOf(`processor time at ${events} times the events, over once`, "<=", events, time),
      ),
    ],
    notes: [
      ...runs.map(
        ({ rules, contracts, blocks, events, findings, ms, cpuMs, peakRssMiB: mib }) =>
          `${rules} rules, ${contracts} contracts, ${blocks} blocks, ${events} events: ${seconds(ms)} s (${seconds(cpuMs)} s processor), ${findings} findings, ${mib} MiB`,
      ),
      `a first start creates the database as well: ${Math.max(...runs.map((run) => run.creationPeakRssMiB))} MiB, once`,
      `${few.rules} rules over the first load: ${seconds(few.ms)} s (${seconds(few.cpuMs)} s processor)`,
    ],
  };
}

function round(value) {
  return Number(value.toFixed(2));
}

function seconds(ms) {
  return (ms / 1_000).toFixed(1);
}
