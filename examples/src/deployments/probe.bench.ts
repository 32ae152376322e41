// How many attacks a probe finds before anybody calls them, by the clock. Not a test:
// `TESTUDO_DATA=<folder> node examples/dist/deployments/probe.bench.js [MS]` prints a line for each contract and the sum.
import { join } from "node:path";
import { probeLimits } from "@testudo/lab/probe/probeContract";
import { dataFolder } from "../incidents/dataFolder.ts";
import { deploymentsIn } from "./deploymentsIn.ts";
import { probeDeployment } from "./probeDeployment.ts";

const ms = Number(process.argv[2] ?? probeLimits.ms);
const sums = new Map<string, { contracts: number; near: number; harm: number }>();
for (const deployment of deploymentsIn(join(dataFolder(), "incidents"))) {
  const { name, kind } = deployment;
  const { isNear, result } = await probeDeployment(deployment, { ...probeLimits, ms }, () => performance.now());
  const { outcome, calls, guided, ms: took } = result;
  console.log(JSON.stringify({ name, kind, isNear, outcome, templates: calls, guided: guided?.calls ?? 0, ms: took }));
  const sum = sums.get(kind) ?? { contracts: 0, near: 0, harm: 0 };
  sum.contracts += 1;
  if (isNear) sum.near += 1;
  if (outcome === "harm") sum.harm += 1;
  sums.set(kind, sum);
}
console.log(JSON.stringify(Object.fromEntries(sums)));
