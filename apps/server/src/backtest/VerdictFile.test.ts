import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Hex } from "@testudo/core/model/Hex";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type KeptVerdict, openVerdictFile } from "./VerdictFile.ts";

let folder = "";
let path = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "testudo-verdicts-"));
  path = join(folder, "verdicts.jsonl");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const judges = { chainId: 1, version: "0.1.0", detectors: { "asset-drain": "1.0.0" } };
const verdict = (n: number): KeptVerdict => ({
  ...{ tx: `0x${n.toString(16).padStart(64, "0")}` as Hex, at: 5, block: 7, has: ["X", "T"], ms: 1.5 },
  findings: [
    {
      detector: "asset-drain",
      severity: "high",
      class: "damage",
      subject: `0x${"aa".repeat(20)}`,
      score: 0.5,
      reason: "€",
    },
  ],
});
const keep = (...numbers: readonly number[]) => {
  const file = openVerdictFile(path, judges);
  for (const n of numbers) file.keep(verdict(n));
  file.close();
  return file;
};

test("LIST-02: what was kept is there again, and a line that a crash cut off is taken away", () => {
  keep(1, 2);
  appendFileSync(path, JSON.stringify(verdict(3)).slice(0, 40));
  const again = keep(4);
  expect([...again.known.values()]).toEqual([verdict(1), verdict(2)]);
  expect([...keep().known.values()]).toEqual([verdict(1), verdict(2), verdict(4)]);
  expect(readFileSync(path, "utf8").split("\n")).toHaveLength(5);
});

test("LIST-02: error: verdicts of another chain, of other detectors, and what are none are not gone on with", () => {
  keep(1);
  expect(() => openVerdictFile(path, { ...judges, chainId: 56 })).toThrow("it is of chain 1, the node is on chain 56.");
  expect(() => openVerdictFile(path, { ...judges, detectors: { "asset-drain": "1.1.0" } })).toThrow("other detectors");
  appendFileSync(path, '{"tx":"0x1"}\n');
  expect(() => openVerdictFile(path, judges)).toThrow("line 3 is no verdict.");
  const text = readFileSync(path, "utf8");
  expect(text.split("\n")).toHaveLength(4);
  writeFileSync(path, "something else\n");
  expect(() => openVerdictFile(path, judges)).toThrow("its first line is not that of verdicts.");
  expect(readFileSync(path, "utf8")).toBe("something else\n");
});
