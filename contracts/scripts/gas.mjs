// Measures gas anew and prints it beside the figures in snapshots/: `node contracts/scripts/gas.mjs`. Exits with 1 when a
// figure rose by more than 2 % or a budget in test/gas is broken.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { forge, packageDir } from "./forge.mjs";

function readSnapshots() {
  const dir = join(packageDir, "snapshots");
  const figures = new Map();
  if (!existsSync(dir)) return figures;
  for (const file of readdirSync(dir).sort())
    for (const [name, gas] of Object.entries(JSON.parse(readFileSync(join(dir, file), "utf8"))))
      figures.set(`${file.replace(/\.json$/, "")}: ${name}`, Number(gas));
  return figures;
}

const before = readSnapshots();
const { code, stdout } = await forge(["test", "--color", "never", "--match-path", "contracts/test/gas/*"]);
if (code !== 0) process.stdout.write(stdout);
let grown = 0;
for (const [name, gas] of readSnapshots()) {
  const old = before.get(name);
  const change = old === undefined ? "new" : gas === old ? "" : `was ${old}`;
  if (old !== undefined && gas > old * 1.02) grown++;
  console.log(`${String(gas).padStart(9)}  ${name}${change ? `  (${change})` : ""}`);
}
if (grown > 0)
  console.error(`${grown} figures rose by more than 2 %.\n- Lower them, or commit the new snapshots/ with the reason.`);
process.exitCode = code !== 0 || grown > 0 ? 1 : 0;
