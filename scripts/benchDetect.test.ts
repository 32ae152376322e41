import { execFileSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { readFlags } from "../bench/detect/flags.mjs";
import { sumCounts } from "../bench/detect/measureBlocks.mjs";
import { figuresOf as rulesFigures } from "../bench/detect/measureRules.mjs";
import { figuresOf, readIndex } from "../bench/detect/measureTraces.mjs";
import { renderTable } from "../bench/detect/renderTable.mjs";
import { aimOf, summarize } from "../bench/detect/summarize.mjs";

const names = ["traces", "rules"];
const rulesProgram = fileURLToPath(new URL("../bench/detect/runRules.mjs", import.meta.url));

describe("npm run bench:detect", () => {
  test("BENCH-01: measures every part, or those that --only names, in the order of the parts", () => {
    expect(readFlags([], names)).toMatchObject({ only: names, json: false, resume: false, rounds: 5, blocks: 500 });
    expect(readFlags(["--only", "rules,traces", "--json"], names)).toMatchObject({ only: names, json: true });
  });

  test.each([
    [["--only", "rulez"], 'There is no part "rulez"'],
    [["--rounds", "0"], '--rounds "0" is no count'],
    [["--rounds", "many"], '--rounds "many" is no count'],
  ])("error: %j is refused with what is allowed", (args, message) => {
    expect(() => readFlags(args as string[], names)).toThrow(message as string);
  });

  test("BENCH-02: says how many aims were missed, and which parts were skipped or broke", () => {
    const parts = {
      traces: {
        aims: [aimOf("recall", ">=", 90, 86, " %"), aimOf("time", "<", 20, 3, " ms")],
        seconds: 2,
        loadBefore: [1],
      },
      blocks: { skipped: "TESTUDO_DATA is not set" },
      rules: { broke: "Error: out of memory\n    at x" },
    };
    const summary = summarize(parts);
    expect(summary).toEqual({
      aims: 2,
      reached: 1,
      missed: ["traces: recall"],
      skipped: ["blocks"],
      broken: ["rules"],
    });
    const setting = {
      command: "c",
      date: "d",
      commit: "e",
      node: "20",
      cpus: 2,
      cpuModel: "m",
      loadBefore: "1",
      loadAfter: "2",
    };
    const lines = renderTable({ setting, parts, summary }).trimEnd().split("\n");
    expect(lines.at(-1)).toBe("1 of 2 aims missed; 1 part(s) skipped, 1 part(s) broke.");
    expect(
      lines.filter((line) => /^(traces|blocks|rules) /.test(line)).map((line) => line.replace(/ +/g, " ")),
    ).toEqual([
      "traces recall >= 90 % 86 % MISSED",
      "traces time < 20 ms 3 ms reached",
      "blocks skipped TESTUDO_DATA is not set",
      "rules broke Error: out of memory",
    ]);
  });

  test.each([
    [">=", 2, 2, true],
    [">=", 2, 1.99, false],
    ["<=", 2, 2, true],
    ["<", 2, 2, false],
    ["<", 2, Number.NaN, false],
  ])("an aim of %s %d is told of %d as %s", (bound, limit, measured, reached) => {
    expect(aimOf("a", bound, limit, measured).reached).toBe(reached);
  });
});

describe("what the parts count", () => {
  test("EVAL-04: recall stands for before 2024 and for later or undated, with the misses by name", () => {
    const folder = mkdtempSync(join(tmpdir(), "testudo-test-"));
    writeFileSync(
      join(folder, "index.tsv"),
      "date\ttx\tname\n2023-12-31\t0xa\tOld\n2024-01-01\t0xb\tNew\n\t0xc\tUndated\n2020-01-01\t0xd\tAway\n",
    );
    for (const tx of ["0xa", "0xb", "0xc"]) writeFileSync(join(folder, `${tx}.json.gz`), "");
    const recorded = readIndex(folder);
    expect(recorded.map(({ name, isEarly }) => [name, isEarly])).toEqual([
      ["Old", true],
      ["New", false],
      ["Undated", false],
    ]);
    const said = [{ severity: "critical", ms: 1 }, { severity: "high", ms: 3 }, { error: "bad file" }];
    const { all, early, later, missed, msPerTree } = figuresOf(recorded.map((one, i) => ({ ...one, ...said[i] })));
    expect({ all, early, later, missed, msPerTree }).toEqual({
      all: { trees: 3, critical: 1 },
      early: { trees: 1, critical: 1 },
      later: { trees: 2, critical: 0 },
      missed: [
        { name: "New", isEarly: false, said: "high" },
        { name: "Undated", isEarly: false, said: "bad file" },
      ],
      msPerTree: { p50: 1, p95: 3, max: 3 },
    });
  });

  test("BAR-04: blocks add up by reason and severity", () => {
    const block = {
      transactions: 3,
      judged: 2,
      skipped: { "missing-code": 1 },
      alerts: { critical: 2, high: 1 },
      alertedTransactions: { critical: 1, high: 0 },
      told: [{ tx: "0x1", findings: [] }],
    };
    expect(
      sumCounts([block, { ...block, skipped: { blobs: 1 }, alertedTransactions: { critical: 0, high: 2 }, told: [] }]),
    ).toEqual({
      transactions: 6,
      judged: 4,
      skipped: { "missing-code": 1, blobs: 1 },
      alerts: { critical: 4, high: 2 },
      alertedTransactions: { critical: 1, high: 2 },
      criticalTransactions: 1,
      told: [{ tx: "0x1", findings: [] }],
    });
  });

  test("BENCH-04: time that grows faster than events, or memory beyond its bound, is a missed aim", () => {
    const run = { rules: 10, contracts: 1, blocks: 1, findings: 0, creationPeakRssMiB: 800 };
    const at = (growth: number, cpuMs: number, peakRssMiB: number) => ({
      ...run,
      growth,
      events: growth,
      ms: cpuMs,
      cpuMs,
      peakRssMiB,
    });
    const { aims } = rulesFigures([at(1, 100, 500), at(2, 201, 500), at(4, 399, 1_024)], at(1, 50, 400));
    expect(aims.map(({ measured, reached }) => [measured, reached])).toEqual([
      ["1024 MiB", false],
      ["2.01", false],
      ["3.99", true],
    ]);
  });

  test("BENCH-03: rules are compiled from a file, judged in the thread and stored, with one finding for each amount over its limit", async () => {
    const load = { rules: 40, contracts: 4, blocks: 60, eventsPerBlock: 32 };
    const printed = execFileSync(process.execPath, [rulesProgram, JSON.stringify(load)], { encoding: "utf8" });
    const run = JSON.parse(printed);
    // Events 0 and 997 are over their rules' limits.
    expect(run).toMatchObject({ ...load, events: 1_920, findings: 2 });
    for (const field of ["ms", "cpuMs", "compileMs", "peakRssMiB", "creationPeakRssMiB"])
      expect([field, run[field] > 0]).toEqual([field, true]);
  });
});
