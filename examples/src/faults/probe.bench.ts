// How many calls a probe makes in its two seconds, what it finds, and how late it ends where a contract burns all the gas it gets.
// Not a test: `node examples/dist/faults/probe.bench.js [ROUNDS]` prints one JSON object; each round is a state of its own.
import { probeLimits } from "@testudo/lab/probe/probeContract";
import { burners, openThieves, type ThiefName, thieves } from "./thieves.testkit.ts";

const rounds = Number(process.argv[2] ?? 3);
const world = await openThieves();
const figures = new Map<ThiefName, object[]>();
for (let round = 0; round < rounds; round += 1)
  for (const name of [...thieves, "Harmless", ...burners] as const) {
    const { outcome, calls, guided, ms } = await world.probe(name, {
      limits: probeLimits,
      now: () => performance.now(),
    });
    const blocks = guided === undefined ? "" : `${guided.blocks.ran}/${guided.blocks.all}`;
    const figure = { outcome, ms, templates: calls, guided: guided?.calls ?? 0, gas: guided?.gas ?? 0, blocks };
    figures.set(name, [...(figures.get(name) ?? []), figure]);
  }
console.log(JSON.stringify({ rounds, ...Object.fromEntries(figures) }));
await world.till.close();
