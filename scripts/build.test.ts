import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";

const run = (...args: readonly string[]) =>
  execFileSync(process.execPath, args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
const script = join(import.meta.dirname, "build.mjs");

test("behavior: a build says in one line that it is done and what to do next", () => {
  expect(run(script)).toMatchInlineSnapshot(`
    "Built. Next: \`npm start\` rehearses an attack, \`npx testudo watch --rpc URL --protect 0x…\` watches, \`npm test\` checks.
    "
  `);
});

test("behavior: what builds before it prints its own results prints nothing of the build's", () => {
  expect(run("--input-type=module", "-e", `(await import(${JSON.stringify(script)})).build()`)).toBe("");
});
