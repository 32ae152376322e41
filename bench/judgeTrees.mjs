// How long one call tree takes to judge, warm: `TESTUDO_DATA=<folder> node bench/judgeTrees.mjs [--json]`. Wall and processor
// time of judgeTx over all recorded trees, without reading them, and of POST /detect for trees of about 500 calls.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { judgeTx } from "@testudo/core/pipeline/judgeTx";
import { readTraceFile } from "../apps/server/dist/detect/readTraceFile.js";

const data = process.env.TESTUDO_DATA;
if (data === undefined) {
  console.error("TESTUDO_DATA is not set.\n- It names the folder with traces/.\n- Set it.");
  process.exit(2);
}
const rounds = 5;
const folder = join(data, "traces");
const files = readdirSync(folder).filter((name) => name.endsWith(".json.gz"));
const wall = [];
const processor = [];
for (const file of files) {
  for (let round = 0; round <= rounds; round += 1) {
    // A tree's walk is kept with it, so that each round reads it anew.
    const trace = await readTraceFile(join(folder, file), new AbortController().signal);
    const [startMs, used] = [performance.now(), process.cpuUsage()];
    await judgeTx({ trace });
    const { user, system } = process.cpuUsage(used);
    if (round === 0) continue;
    wall.push(performance.now() - startMs);
    processor.push((user + system) / 1_000);
  }
}
const at = (list, share) => [...list].sort((a, b) => a - b)[Math.floor(share * (list.length - 1))];
const figures = (list) =>
  Object.fromEntries([0.5, 0.9, 0.95, 1].map((p) => [`p${p * 100}`, Number(at(list, p).toFixed(2))]));
const result = { trees: files.length, rounds, wallMs: figures(wall), processorMs: figures(processor) };
console.log(process.argv.includes("--json") ? JSON.stringify(result) : result);
