// What the search for plans that gain finds, and how soon: in the naive twin of the reference exchange, attack by attack of the suite,
// and in a market of Morpho Blue whose oracle is a pool's price of the moment.
// `node bench/raid.mjs [--seconds N] [--seed S] [--json] [ATTACK…]`
import { parseArgs } from "node:util";
import { anvilPeer } from "../apps/server/dist/capsule/openAnvil.js";
import { morphoScenario } from "../examples/dist/attack/morphoScenario.js";
import { naiveScenario, scenes } from "../examples/dist/attack/naiveScenarios.js";
import { confirmPlan } from "../packages/lab/dist/raid/confirmPlan.js";
import { openGround } from "../packages/lab/dist/raid/openGround.js";
import { openRaid } from "../packages/lab/dist/raid/openRaid.js";
import { tellPlan } from "../packages/lab/dist/raid/tellPlan.js";
import { groundOf, toCapsule } from "../packages/lab/dist/raid/toCapsule.js";
import { parseCapsule } from "../packages/lab/dist/record/parseCapsule.js";
import { writeCapsule } from "../packages/lab/dist/record/writeCapsule.js";

const { values, positionals } = parseArgs({
  options: {
    seconds: { type: "string", default: "60" },
    seed: { type: "string", default: "1" },
    json: { type: "boolean", default: false },
  },
  allowPositionals: true,
});
const least = 100n * 10n ** 18n;
const cpuSeconds = () => process.cpuUsage().user / 1e6;

for (const attack of positionals.length > 0 ? positionals : [...Object.keys(scenes), "morpho"]) {
  const { capsule, scenario } = await (attack === "morpho" ? morphoScenario() : naiveScenario(attack));
  const engine = await openGround(capsule);
  const raid = openRaid(engine, scenario, Number(values.seed), least);
  const start = cpuSeconds();
  while (cpuSeconds() - start < Number(values.seconds) && raid.finds.length === 0) raid.advance(2_000);
  const [find] = raid.finds;
  const seconds = Math.round(10 * (cpuSeconds() - start)) / 10;
  const plan = find === undefined ? [] : tellPlan(find.plan, scenario);
  const gain = find === undefined ? 0 : Number(find.gainWad / 10n ** 18n);
  const confirmed = find === undefined ? null : await confirm(engine, capsule, scenario, raid.cast, find);
  const row = { attack, found: find !== undefined, seconds, calls: raid.calls, gain, confirmed, plan };
  if (values.json) console.log(JSON.stringify(row));
  else {
    console.log(
      `${attack}  ${row.found ? `found, ${gain} USD, ${told(confirmed)}` : "not found"}  ${seconds} s of processor time, ${raid.calls} calls`,
    );
    for (const move of plan) console.log(`      ${move}`);
  }
}

/** Runs the find's capsule on anvil, as `testudo attack` does before it tells of it. */
async function confirm(engine, ground, scenario, cast, { plan, gainWad }) {
  const found = await parseCapsule(writeCapsule(toCapsule(engine, groundOf(ground), scenario, cast, plan)), "the find");
  const costWad = plan.reduce(
    (sum, move) => sum + (move.kind === "power" ? scenario.powers[move.power].costWad : 0n),
    0n,
  );
  return confirmPlan(anvilPeer, found, { scenario, accounts: cast.accounts, gainWad, costWad });
}

function told({ ok, difference }) {
  return ok ? "the same on anvil" : `on anvil ${difference}`;
}
