import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readTable } from "../backtest/parseTable.ts";
import { readLabels } from "../backtest/readLabels.ts";
import { readAbis } from "../forensics/readAbis.ts";
import { readPrices } from "../forensics/readPrices.ts";
import { readRulesText } from "../rules/readRules.ts";
import { loadCalibration } from "./loadCalibration.ts";
import { FileTooLong, readFileWithin, readTextWithin } from "./readFileWithin.ts";

let folder = "";
let file = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "testudo-read-"));
  file = join(folder, "file");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("behavior: a file is read whole, also where it is longer than a piece", () => {
  const text = "ä".repeat(1_500_000);
  writeFileSync(file, text);
  expect(readTextWithin(file)).toBe(text);
  truncateSync(file, 0);
  expect(readFileWithin(file).length).toBe(0);
  truncateSync(file, 64 * 1024 * 1024);
  expect(readFileWithin(file).length).toBe(64 * 1024 * 1024);
});

test("error: a file beyond the bound is not read on", () => {
  writeFileSync(file, "");
  truncateSync(file, 64 * 1024 * 1024 + 1);
  expect(() => readFileWithin(file)).toThrow(FileTooLong);
});

test.skipIf(process.platform === "win32").each([
  ["labels", readLabels],
  ["a list", (path: string) => readTable("--list", path)],
  ["ABIs", (path: string) => readAbis([path])],
  ["prices", readPrices],
  ["rules", readRulesText],
  ["a calibration", loadCalibration],
])("error: %s of a file without end are refused with its name and the reason", (_, read: (path: string) => unknown) => {
  expect(() => read("/dev/zero")).toThrow(/\/dev\/zero.*(cannot be (read|used)).* or no end/);
});
