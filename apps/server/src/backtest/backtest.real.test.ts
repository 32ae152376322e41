// Real blocks, call trees and capsules. Skipped without the data set.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openEvm } from "@testudo/lab/engine/openEvm";
import { beforeAll, describe, expect, test } from "vitest";
import { blockSource } from "./blockSource.ts";
import { judgingDetectors } from "./Case.ts";
import type { CaseSource } from "./CaseSource.ts";
import { capsuleSource } from "./capsuleSource.ts";
import { evaluate } from "./evaluate.ts";
import { listFiles } from "./listFiles.ts";
import { readLabels } from "./readLabels.ts";
import { type Backtest, runBacktest } from "./runBacktest.ts";
import { traceSource } from "./traceSource.ts";

const data = process.env.TESTUDO_DATA;
const skipped = data === undefined || !existsSync(join(data, "blocks"));
// These two repeat a step thousands of times and take a quarter of a minute each; `testudo backtest --capsules` runs them too.
const long = /gamma|radiantcapital|\.call\.json$/;
const place = (folder: string) => join(data ?? "", folder);
const whole = (source: CaseSource): Promise<Backtest> =>
  runBacktest([source], { signal: new AbortController().signal, onProgress: () => {}, onFault: () => {} });

describe.skipIf(skipped)("recorded mainnet blocks (set TESTUDO_DATA to run)", () => {
  const falseCriticalsMax = 2;
  const files = skipped ? [] : listFiles("--blocks", [place("blocks")]);
  let judged: Backtest;
  beforeAll(async () => {
    judged = await whole(blockSource(files, { openEvm }));
  });

  test("BACK-02: each transaction is judged or skipped with its reason", () => {
    const { transactions, judged: count, skipped: reasons, faults } = judged.report;
    expect({ transactions, count, reasons, faults }).toEqual({
      transactions: 3_445,
      count: 2_241,
      reasons: { "missing-code": 1_204 },
      faults: [],
    });
  });

  test("BAR-04: at most two ordinary transactions are called critical", () => {
    expect(judged.report.alertedTransactions.critical).toBeLessThanOrEqual(falseCriticalsMax);
    expect(judged.report.criticalTransactions).toHaveLength(judged.report.alertedTransactions.critical);
  });

  test("BAR-04: at most two are without their logs and state too", async () => {
    const bare = await whole(blockSource(files, { openEvm, isBare: true }));
    expect(bare.report.judged).toBe(2_241);
    expect(bare.report.alertedTransactions.critical).toBeLessThanOrEqual(falseCriticalsMax);
    const drain = bare.report.evaluation.find((row) => row.name === "asset-drain")!;
    expect(drain.matrix.na.benign).toBe(3_445);
  });

  test("EVAL-07: what they do not exclude is printed as a bound", () => {
    const [critical] = judged.report.bounds;
    expect(critical!.trials).toBe(2_241);
    expect(critical!.rateNotExcluded).toBeGreaterThan(critical!.hits / critical!.trials);
    expect(critical!.rateNotExcluded).toBeLessThan(0.003);
  });
});

describe.skipIf(skipped)("recorded attacks (set TESTUDO_DATA to run)", () => {
  test("EVAL-06: each capsule's attack goes through on the engine and is told in its own transaction", async () => {
    const files = listFiles("--capsules", [place("incidents")]).filter((file) => !long.test(file));
    const { report } = await whole(capsuleSource(files, { openEvm, bystanders: false }));
    expect(report.faults).toEqual([]);
    expect(report.stages).toEqual({ "in-transaction": 8 });
    const mechanisms = report.evaluation.filter((row) => row.kind === "mechanism");
    expect(mechanisms.reduce((sum, row) => sum + row.matrix.tp, 0)).toBe(8);
  });

  test("EVAL-05: who attacked and who lost is never read: labels without those columns give the same matrix", async () => {
    const index = readLabels(join(place("traces"), "index.tsv"));
    // Trees of a moderate size; the whole set is judged by the bench.
    const files = listFiles("--traces", [place("traces")]).filter((file) => readFileSync(file).length < 4_000);
    expect(files.length).toBeGreaterThan(20);
    const bare = new Map([...index.keys()].map((tx) => [tx, { truth: "attack" as const }]));
    const matrixOf = async (labels: typeof index) => {
      const { cases } = await whole(traceSource(files, { labels }));
      return evaluate(
        cases.map((one) => ({ ...one, at: undefined }) as never),
        judgingDetectors(),
      ).map(({ name, matrix }) => [name, matrix]);
    };
    expect(await matrixOf(index)).toEqual(await matrixOf(bare));
  });

  test("EVAL-05: no address of an attacker or a victim of the set stands in the detectors or the pipeline", () => {
    const rows = readFileSync(join(place("traces"), "index.tsv"), "utf8")
      .trim()
      .split("\n")
      .slice(1);
    const attackers = new Set(rows.map((row) => row.split("\t")[5]!.toLowerCase()).filter((text) => text !== "-"));
    const core = fileURLToPath(new URL("../../../../packages/core/src", import.meta.url));
    const texts = readdirSync(core, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts") && !/\.(test|testkit)\.ts$/.test(name))
      .map((name) => readFileSync(join(core, name), "utf8").toLowerCase());
    expect(texts.length).toBeGreaterThan(50);
    const known = new Set(texts.flatMap((text) => text.match(/0x[0-9a-f]{40}\b/g) ?? []));
    expect([...attackers].filter((address) => known.has(address as `0x${string}`))).toEqual([]);
  });
});
