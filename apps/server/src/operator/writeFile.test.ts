import { execFileSync } from "node:child_process";
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { assertReplaceable, replaceFile } from "./writeFile.ts";

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

test("behavior: a link that leads nowhere yet is written where it leads", () => {
  const [real, shown] = [join(folder, "real"), join(folder, "shown")];
  mkdirSync(join(real, "deep"), { recursive: true });
  // Above `shown/down` is `real`, and not `shown`.
  mkdirSync(shown);
  symlinkSync(join(real, "deep"), join(shown, "down"));
  symlinkSync("down/../first", join(shown, "link"));
  symlinkSync("second", join(real, "first"));
  replaceFile(join(shown, "link"), "new");
  expect(readFileSync(join(real, "second"), "utf8")).toBe("new");
  expect([join(shown, "link"), join(real, "first")].map((one) => lstatSync(one).isSymbolicLink())).toEqual([
    true,
    true,
  ]);
  expect(readdirSync(real).toSorted()).toEqual(["deep", "first", "second"]);
});

test.each([
  ["a folder", "folder", "is a folder, or leads to one"],
  ["a link to a folder", "to-folder", "is a folder, or leads to one"],
  ["a link that leads back to itself", "round", "is a link that leads back to itself"],
])("error: %s is left as it is, before and when it is to be replaced", (_, name, said) => {
  mkdirSync(join(folder, "folder"));
  symlinkSync("folder", join(folder, "to-folder"));
  symlinkSync("round", join(folder, "round"));
  const before = lstatSync(join(folder, name)).ino;
  const words = new RegExp(`^"${join(folder, name)}" ${said}, and is left as it is\\.\n- .+\n- .+$`);
  expect(() => assertReplaceable(join(folder, name))).toThrow(words);
  expect(() => replaceFile(join(folder, name), "new")).toThrow(words);
  expect(lstatSync(join(folder, name)).ino).toBe(before);
});

test("error: a pipe or a device is left as it is", () => {
  const pipe = join(folder, "pipe");
  execFileSync("mkfifo", [pipe]);
  expect(() => replaceFile(pipe, "new")).toThrow(`"${pipe}" is no plain file, and is left as it is.`);
  expect(lstatSync(pipe).isFIFO()).toBe(true);
});
