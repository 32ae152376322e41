// How long POST /detect takes for trees of about 500 calls: `TESTUDO_DATA=<folder> node bench/detectRequests.mjs [--json]`.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { OpenAPIHono } from "@hono/zod-openapi";
import { addDetect } from "../apps/server/dist/api/addDetect.js";
import { answerVenn } from "../apps/server/dist/detect/answerVenn.js";

const data = process.env.TESTUDO_DATA;
if (data === undefined) {
  console.error("TESTUDO_DATA is not set.\n- It names the folder with traces/.\n- Set it.");
  process.exit(2);
}
const rounds = 40;
const folder = join(data, "traces");
const countOf = (frame) => 1 + (frame.calls ?? []).reduce((sum, inner) => sum + countOf(inner), 0);
const trees = readdirSync(folder)
  .filter((name) => name.endsWith(".json.gz"))
  .map((name) => ({
    hash: name.slice(0, 66),
    trace: JSON.parse(gunzipSync(readFileSync(join(folder, name))).toString()),
  }))
  .map((tree) => ({ ...tree, calls: countOf(tree.trace) }))
  .filter(({ calls }) => calls >= 400 && calls <= 600);
const app = new OpenAPIHono();
addDetect(app, answerVenn);
const wall = [];
const processor = [];
for (let round = 0; round <= rounds; round += 1)
  for (const { hash, trace } of trees) {
    const body = JSON.stringify({ chainId: 1, hash, trace });
    const [startMs, used] = [performance.now(), process.cpuUsage()];
    const answer = await app.request("/detect", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
    });
    await answer.json();
    const { user, system } = process.cpuUsage(used);
    if (answer.status !== 200) throw new Error(`POST /detect answered ${answer.status}.`);
    if (round === 0) continue;
    wall.push(performance.now() - startMs);
    processor.push((user + system) / 1_000);
  }
const at = (list, share) => [...list].sort((a, b) => a - b)[Math.floor(share * (list.length - 1))];
const figures = (list) =>
  Object.fromEntries([0.5, 0.95, 1].map((p) => [`p${p * 100}`, Number(at(list, p).toFixed(2))]));
const result = {
  calls: trees.map(({ calls }) => calls),
  requests: wall.length,
  wallMs: figures(wall),
  processorMs: figures(processor),
};
console.log(process.argv.includes("--json") ? JSON.stringify(result) : result);
