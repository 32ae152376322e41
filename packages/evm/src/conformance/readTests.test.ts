import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "vitest";
import { packTar } from "./packTar.testkit.ts";
import { readTar } from "./readTar.ts";
import { readTests } from "./readTests.testkit.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "conformance-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function all() {
  const found: Record<string, string> = {};
  for await (const source of readTests(folder))
    found[source.file] = "fault" in source ? `fault: ${source.fault}` : Buffer.from(source.bytes).toString();
  return found;
}

async function* inPieces(bytes: Uint8Array, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function entriesOf(bytes: Uint8Array, size = 100) {
  const found: Record<string, string> = {};
  for await (const entry of readTar(inPieces(bytes, size))) found[entry.name] = Buffer.from(entry.bytes).toString();
  return found;
}

test("EVM-02: tests are found in folders and archives at any depth, in order", async () => {
  mkdirSync(join(folder, "b", "c"), { recursive: true });
  writeFileSync(join(folder, "z.json"), "z");
  writeFileSync(join(folder, "b", "c", "one.json"), "one");
  writeFileSync(join(folder, "b", "README.md"), "no test");
  const packed = packTar([
    { name: "./st/", text: "", kind: "5" },
    { name: "./st/two.json", text: "two" },
    { name: "./.meta/index.json", text: "hidden" },
    { name: "st/notes.txt", text: "no test" },
  ]);
  writeFileSync(join(folder, "b", "a.tar.gz"), gzipSync(packed));
  writeFileSync(join(folder, "c.tar"), packed);
  mkdirSync(join(folder, ".meta"));
  writeFileSync(join(folder, ".meta", "index.json"), "hidden");
  const found = await all();
  expect(found).toEqual({
    "b/a.tar.gz/st/two.json": "two",
    "b/c/one.json": "one",
    "c.tar/st/two.json": "two",
    "z.json": "z",
  });
  expect(Object.keys(found)).toEqual(Object.keys(found).sort());
});

test("EVM-02: an archive that is cut off or a link to nothing is named, and the rest is read", async () => {
  const packed = gzipSync(packTar([{ name: "a.json", text: "x".repeat(5_000) }]));
  writeFileSync(join(folder, "cut.tar.gz"), packed.subarray(0, packed.length - 20));
  writeFileSync(join(folder, "none.tar.gz"), gzipSync(Buffer.alloc(2_000, 65)));
  symlinkSync(join(folder, "nowhere"), join(folder, "link.json"));
  writeFileSync(join(folder, "z.json"), "z");
  expect(await all()).toMatchObject({
    "cut.tar.gz": expect.stringContaining("fault: unexpected end of file"),
    "none.tar.gz": expect.stringContaining("fault: "),
    "link.json": expect.stringContaining("fault: ENOENT"),
    "z.json": "z",
  });
});

test.each([1, 511, 512, 700, 100_000])("EVM-02: an archive that comes %i bytes at a time is the same", async (size) => {
  const files = Array.from({ length: 5 }, (_, i) => ({ name: `f${i}`, text: "ab".repeat(i * 256) }));
  expect(await entriesOf(packTar(files), size)).toEqual(Object.fromEntries(files.map((f) => [f.name, f.text])));
});

test("EVM-02: long names of GNU and pax are whole, and hold for one file", async () => {
  const long = `${"d".repeat(150)}/a.json`;
  const record = (text: string) => `${text.length + 5} ${text}\n`;
  const packed = packTar([
    { name: "././@LongLink", text: `${long}\0`, kind: "L" },
    { name: long.slice(0, 100), text: "one" },
    { name: "pax", text: `20 atime=1234567890\n${record(`path=${long}2`)}`, kind: "x" },
    { name: long.slice(0, 100), text: "two" },
    { name: "short", text: "three" },
  ]);
  expect(await entriesOf(packed)).toEqual({ [long]: "one", [`${long}2`]: "two", short: "three" });
});
