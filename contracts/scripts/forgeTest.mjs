// Runs the forge suite: `node contracts/scripts/forgeTest.mjs [forge test options]`. Exits as forge does, and with 1 where
// a gas figure rose by more than 2 % above the one in git; the last line of stdout is {"passed":N,"failed":N,"skipped":N}.
import { forge } from "./forge.mjs";
import { readSnapshots, risenSince } from "./snapshots.mjs";

const before = readSnapshots();
const counts = { passed: 0, failed: 0, skipped: 0 };
// A SIGTERM ends forge and its compiler, too.
const end = new AbortController();
process.once("SIGTERM", () => end.abort());
const { code, stdout } = await run();
for (const [, ...found] of stdout.matchAll(/^Suite result: .* (\d+) passed; (\d+) failed; (\d+) skipped/gm)) {
  counts.passed += Number(found[0]);
  counts.failed += Number(found[1]);
  counts.skipped += Number(found[2]);
}
const ran = counts.passed + counts.failed > 0;
if (code === 0 && !ran) process.stderr.write("forge ran no test.\n- Check the options given.\n");
const risen = risenSince(before, readSnapshots());
for (const { name, was, is } of risen) process.stdout.write(`[FAIL: gas rose from ${was} to ${is}] ${name}\n`);
counts.failed += risen.length;
process.stdout.write(`\n${JSON.stringify(counts)}\n`);
process.exitCode = code === 0 && (!ran || risen.length > 0) ? 1 : code;

async function run() {
  const args = ["test", "--color", "never", ...process.argv.slice(2)];
  try {
    return await forge(args, (chunk) => process.stdout.write(chunk), end.signal);
  } catch (error) {
    if (error.name !== "AbortError") throw error;
    return { code: 1, stdout: "" };
  }
}
