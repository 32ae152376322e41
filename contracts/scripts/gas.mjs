// Measures gas anew and prints it beside the figures in snapshots/: `node contracts/scripts/gas.mjs`. Exits with 1 when a
// figure rose by more than 2 % or a budget in test/gas is broken.
import { forge } from "./forge.mjs";
import { readSnapshots, risenSince } from "./snapshots.mjs";

const before = readSnapshots();
const { code, stdout } = await forge(["test", "--color", "never", "--match-path", "contracts/test/gas/*"]);
if (code !== 0) process.stdout.write(stdout);
const now = readSnapshots();
for (const [name, gas] of now) {
  const was = before.get(name);
  const change = was === undefined ? "new" : gas === was ? "" : `was ${was}`;
  console.log(`${String(gas).padStart(9)}  ${name}${change ? `  (${change})` : ""}`);
}
const risen = risenSince(before, now);
if (risen.length > 0)
  console.error(
    `${risen.length} figures rose by more than 2 %.\n- Lower them, or commit the new snapshots/ with the reason.`,
  );
process.exitCode = code !== 0 || risen.length > 0 ? 1 : 0;
