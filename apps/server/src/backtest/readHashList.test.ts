import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Hex } from "@testudo/core/model/Hex";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readHashList } from "./readHashList.ts";
import { readOtherVerdicts } from "./readOtherVerdicts.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "testudo-list-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const hash = (n: number): Hex => `0x${n.toString(16).padStart(64, "0")}`;
const [a, b] = [hash(0xaa), hash(0xbb)];
const put = (text: string) => {
  const file = join(folder, "list");
  writeFileSync(file, text);
  return file;
};
const read = (text: string) => readHashList(put(text)).entries;
const two = [
  { tx: a, truth: "attack", name: 'Euler, the "vault"' },
  { tx: b, truth: "benign" },
];

test.each([
  ["commas, in order", `${a},attack,"Euler, the ""vault"""\n${b},benign,\n`],
  ["tabs, in order", `${a}\t1\tEuler, the "vault"\n${b}\t0`],
  ["commas with a header", `date,Name,TX_Hash,is_attack\n2023,"Euler, the ""vault""",${a},1\n2023,,${b},0\n`],
  [
    "another system's marks of lines",
    `\ufeff# a list\r\n\r\n${a.toUpperCase().replace("0X", "0x")};ATTACK;"Euler, the ""vault"""\r\n  # more\r\n${b};Benign\r\n`,
  ],
])("LIST-01: %s give the same list", (_, text) => {
  expect(read(text)).toEqual(two);
});

test("LIST-01: a list without labels is one of attacks, and what is listed twice is kept twice, to be merged when counted", () => {
  expect(read(`${a}\n${b}\n${a}\n`)).toEqual([a, b, a].map((tx) => ({ tx, truth: "attack" })));
  expect(read(`hash,protocol\n${a},Euler\n`)).toEqual([{ tx: a, truth: "attack", name: "Euler" }]);
});

test.each([
  ["no hash", `${a}\n0x12\n`, 2, '"0x12" is no transaction hash.'],
  ["a header without a column of hashes", `name,label\n${a},attack\n`, 1, '"name" is no transaction hash.'],
  ["an unknown label", `# x\n${a},attack\n${b},maybe\n`, 3, '"maybe" is no label.'],
  ["a line without a label among others", `tx,label\n${a},\n${b},0\n`, 2, "has no label, and other lines do."],
  ["an open quote", `${a},attack,"Euler\n`, 1, "a quote does not end."],
  ["text behind a quote", `${a},"attack"x\n`, 1, "text follows a quote."],
])("LIST-01: error: %s is refused with its line", (_, text, line, what) => {
  expect(() => read(text)).toThrow(`--list "${join(folder, "list")}", line ${line}: ${what}`);
});

test("LIST-01: error: what may be a key is not repeated", () => {
  const key = "5e".repeat(32);
  expect(() => read(`${a}\n${key}\n`)).toThrow("line 2: (not shown: it looks like a key) is no transaction hash.");
});

test("LIST-01: error: a file with nothing in it, and none", () => {
  expect(() => read("# nothing\n")).toThrow("is empty.");
  expect(() => readHashList(join(folder, "none"))).toThrow("cannot be read");
});

test("EVAL-09: what another system said is read, and two verdicts on one transaction are refused", () => {
  expect(readOtherVerdicts(put(`tx,detected\n${a},true\n${b},0\n${b},no\n`)).detected).toEqual(
    new Map([
      [a, true],
      [b, false],
    ]),
  );
  expect(() => readOtherVerdicts(put(`${a},1\n${a},0\n`))).toThrow(
    `line 2: ${a} has the other verdict on an earlier line.`,
  );
  expect(() => readOtherVerdicts(put(`${a},0.7\n`))).toThrow('line 1: "0.7" is no verdict.');
});
