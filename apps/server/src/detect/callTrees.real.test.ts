// Recorded attacks, judged from their call trees alone. Skipped without the data set.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { detectFiles } from "./detectFiles.ts";

const data = process.env.TESTUDO_DATA;
const folder = join(data ?? "", "traces");
const isThere = data !== undefined && existsSync(join(folder, "index.tsv"));
if (!isThere) test("recorded attacks", (context) => context.skip("TESTUDO_DATA names no folder with traces/index.tsv"));

// Weights were chosen on what happened before this day; what came later, or at an unknown time, is held out.
const tunedBefore = "2023-12-31";

describe.skipIf(!isThere)("recorded attacks without logs and state", () => {
  const rows = isThere ? readFileSync(join(folder, "index.tsv"), "utf8").trim().split("\n").slice(1) : [];
  const recorded = rows
    .map((row) => row.split("\t"))
    .map(([date, hash, name]) => ({
      name,
      isTuned: /^\d/.test(date!) && date! < tunedBefore,
      file: join(folder, `${hash}.json.gz`),
    }))
    .filter(({ file }) => existsSync(file));

  test("BAR-04, EVAL-04, EVAL-08: no fewer are critical without configuration than were measured", {
    timeout: 300_000,
  }, async () => {
    const misses: string[] = [];
    const critical = { tuned: 0, heldOut: 0 };
    let index = 0;
    for await (const verdict of detectFiles(
      recorded.map(({ file }) => file),
      {},
      new AbortController().signal,
    )) {
      const { name, isTuned } = recorded[index++]!;
      if ("error" in verdict) throw new Error(verdict.error);
      if (verdict.severity === "critical") critical[isTuned ? "tuned" : "heldOut"] += 1;
      else misses.push(`${isTuned ? "tuned" : "held out"} ${name}: ${verdict.severity ?? "nothing"}`);
    }
    console.log(`Critical: ${JSON.stringify(critical)} of ${recorded.length}. Not critical:\n${misses.join("\n")}`);
    expect(recorded.length).toBe(85);
    expect(critical.tuned).toBeGreaterThanOrEqual(57);
    expect(critical.heldOut).toBeGreaterThanOrEqual(17);
  });
});
