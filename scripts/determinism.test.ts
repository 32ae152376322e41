import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { checkDeterminism } from "./determinism.mjs";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** Faults of a core that has this text as `name`. */
function faultsOf(text: string, name = "detectors/detectX.ts"): string[] {
  const folder = mkdtempSync(join(tmpdir(), "testudo-determinism-"));
  folders.push(folder);
  const file = join(folder, "packages/core/src", name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return checkDeterminism(folder);
}

test("DET-01: core takes no clock, randomness, network or timer", () => {
  expect(checkDeterminism(join(import.meta.dirname, ".."))).toEqual([]);
});

test.each([
  ["Date.now", "export const x = () => Date.now();"],
  ["Date.now", "export const x = Date.now;"],
  ["Date.now", 'export const x = () => Date["now"]();'],
  ["new Date()", "export const x = () => new Date();"],
  ["Date()", "export const x = () => Date();"],
  ["Math.random", "export const x = () => Math.random();"],
  ["performance.now", "export const x = () => performance.now();"],
  ["crypto.randomUUID", "export const x = () => crypto.randomUUID();"],
  ["process.env", "export const x = process.env;"],
  ["fetch", 'export const x = () => fetch("http://x");'],
  ["setTimeout", "export const x = () => setTimeout(() => 1, 1);"],
  ["globalThis.fetch", "export const x = globalThis.fetch;"],
])("DET-01: finds %s in a detector: %s", (call, text) => {
  expect(faultsOf(`\n${text}`)).toEqual([
    `packages/core/src/detectors/detectX.ts:2 takes ${call}: core is handed what it needs`,
  ]);
});

test("what is given a time, what only sounds alike, comments and tests are left alone", () => {
  expect(
    faultsOf("// Date.now()\nexport const x = (c) => new Date(c.at).getTime() + Math.max(c.fetch(), c.now());"),
  ).toEqual([]);
  expect(faultsOf("Date.now();", "detectors/detectX.test.ts")).toEqual([]);
});
