import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const folder = join(import.meta.dirname, "vectors");
const published = join(import.meta.dirname, "../contracts/test/vectors");
const shared = new Set(["publish.mjs", "seeded.mjs"]);
const generators = readdirSync(folder).filter((name) => !shared.has(name));

test.each(generators)("TEST-03: %s writes its vectors as they are in git", (name) => {
  const run = spawnSync(process.execPath, [join(folder, name), "--check"], { encoding: "utf8" });
  expect(run.stderr).toBe("");
  expect(run.status).toBe(0);
});

test("TEST-03: every file of vectors has its generator", () => {
  // The losses of stewardLoss.json are inputs by hand, which contracts/scripts/stewardLoss.mjs holds to their results.
  const files = readdirSync(published).filter((name) => name !== "stewardLoss.json");
  expect(files.map((name) => name.replace(".json", ".mjs"))).toEqual(generators);
});
