import { linkSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { writeOut } from "./writeOut.ts";

let folder = "";
let file = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "testudo-out-"));
  file = join(folder, "bundle.json");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("behavior: what was there is replaced at once, and is its owner's alone from then on", () => {
  writeFileSync(file, "before", { mode: 0o644 });
  const kept = join(folder, "kept.json");
  linkSync(file, kept);
  writeOut(file, "after");
  // Written over, a full disk or a kill would have left neither.
  expect([readFileSync(file, "utf8"), readFileSync(kept, "utf8")]).toEqual(["after", "before"]);
  if (process.platform !== "win32") expect(statSync(file).mode & 0o777).toBe(0o600);
});

test("behavior: a link's file is written, and the link stays", () => {
  symlinkSync(file, join(folder, "link.json"));
  writeOut(join(folder, "link.json"), "text");
  expect(readFileSync(file, "utf8")).toBe("text");
});

test.each([
  ["a folder that is not there", () => join(folder, "none", "bundle.json"), "ENOENT"],
  ["a folder", () => folder, "EISDIR"],
])("error: %s is told and not made", (_, place, code) => {
  expect(() => writeOut(place(), "text")).toThrow(
    `cannot be written: ${code}.\n- Allowed: a file in a folder that is there`,
  );
});
