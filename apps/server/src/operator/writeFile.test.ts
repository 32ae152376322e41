import { execFileSync } from "node:child_process";
import { lstatSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { replaceFile } from "./writeFile.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "testudo-write-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

test("behavior: a link is followed, and stays one", () => {
  const [file, link] = [join(folder, "file"), join(folder, "link")];
  writeFileSync(file, "old");
  symlinkSync(file, link);
  replaceFile(link, "new");
  expect([readFileSync(file, "utf8"), lstatSync(link).isSymbolicLink()]).toEqual(["new", true]);
});

test("error: a pipe or a device is left as it is", () => {
  const pipe = join(folder, "pipe");
  execFileSync("mkfifo", [pipe]);
  expect(() => replaceFile(pipe, "new")).toThrow(`"${pipe}" is no plain file, and is left as it is.`);
  expect(lstatSync(pipe).isFIFO()).toBe(true);
});
