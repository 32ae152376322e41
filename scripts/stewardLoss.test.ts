import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";

const script = join(import.meta.dirname, "../contracts/scripts/stewardLoss.mjs");
const published = join(import.meta.dirname, "../contracts/test/vectors/stewardLoss.json");

test("STEWARD-06: the script prints the published losses and fails on any other", () => {
  const good = spawnSync(process.execPath, [script], { encoding: "utf8" });
  expect(good.status).toBe(0);
  const losses = JSON.parse(readFileSync(published, "utf8")).markets.rows.map((row: string[]) => row.at(-1));
  expect(
    good.stdout
      .trim()
      .split("\n")
      .map((line) => line.split(" ")[0]),
  ).toEqual(losses);
  const wrong = join(tmpdir(), `stewardLoss-${process.pid}.json`);
  writeFileSync(wrong, readFileSync(published, "utf8").replace(`"${losses[0]}"`, '"1"'));
  const bad = spawnSync(process.execPath, [script, wrong], { encoding: "utf8" });
  expect(bad.status).toBe(1);
  expect(bad.stderr).toContain("The file says 1.");
});
