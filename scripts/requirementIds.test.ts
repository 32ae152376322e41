import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { checkRequirementIds, testNamesOf } from "./requirementIds.mjs";

const root = join(import.meta.dirname, "..");

// Tests in here are made of pieces, or this file's own strings would be taken for citations.
const id = (family: string, number: number) => `${family}-0${number}`;
const [alarm, pause] = [id("ALARM", 1), id("PAUSE", 2)];

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function treeOf(files: { readonly [path: string]: string }): string {
  const folder = mkdtempSync(join(tmpdir(), "testudo-ids-"));
  folders.push(folder);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

/** Ids that are cited by `tests` and not explained by `document`. */
function missing(tests: { readonly [path: string]: string }, document: string): (string | undefined)[] {
  const faults = checkRequirementIds(treeOf({ ...tests, "docs/requirements/a.md": document }));
  return faults.map((fault) => fault.split(" ")[0]);
}

test("every requirement that a test of the project cites is explained, and every named test is there", () => {
  expect(checkRequirementIds(root)).toEqual([]);
  expect(testNamesOf(root).length).toBeGreaterThan(300);
});

test.each([
  ["a plain test", `test("${alarm}: rings", () => {});`],
  ["a test of several lines", `test(\n  "${alarm}: rings",\n  () => {},\n);`],
  ["cases", `test.each([1, 2])("${alarm}: rings %i times", () => {});`],
  ["a condition", `test.skipIf(true)("rings (${alarm})", () => {});`],
  ["a table", `test.each\`a\n1\`("${alarm}: rings", () => {});`],
  ["a group", `describe("${alarm}", () => {});`],
  ["a test within a function", `export function suite() { test(\`${alarm}: rings \${1}\`, () => {}); }`],
])("finds an id in the name of %s", (_, text) => {
  const tests = { "packages/core/src/a.test.ts": text };
  expect(missing(tests, "")).toEqual([alarm]);
  expect(missing(tests, `| ${alarm} | The alarm rings when it has to ring. |`)).toEqual([]);
});

test.each(["test_ALARM_01_rings()", "test_fuzz_ALARM_01_rings(uint256)", "invariant_ALARM_01_rings()"])(
  "finds an id in the Solidity name %s",
  (signature) => {
    const tests = { "contracts/test/unit/A.t.sol": `function ${signature} external {}` };
    expect(missing(tests, "")).toEqual([alarm]);
    expect(missing(tests, `- **${alarm}** The alarm rings when it has to ring.`)).toEqual([]);
  },
);

test("takes a line of several ids, or of a part, for an explanation, and no mere mention", () => {
  const tests = { "apps/server/src/a.test.ts": `test("${alarm}, ${pause}: both", () => {});` };
  expect(missing(tests, `- ${alarm}, ${pause}: both hold at the same time.`)).toEqual([]);
  expect(missing(tests, `| ${alarm} (store part) | The alarm is stored before it rings. | x |`)).toEqual([pause]);
  expect(missing(tests, `As ${alarm} and ${pause} say, all is well.`)).toEqual([alarm, pause]);
  expect(missing(tests, `| ${alarm} | short |`)).toEqual([alarm, pause]);
});

test("passes over standards, comments, other strings, and what was built or installed", () => {
  const text = `// ${alarm}\nconst a = "${alarm}";\ntest("an ERC-20 token, by EIP-712 and SHA-256", () => a);`;
  const cited = `test("${alarm}: rings", () => {});`;
  const tests = {
    "packages/core/src/a.test.ts": text,
    "packages/core/dist/a.test.ts": cited,
    "packages/core/node_modules/b/a.test.ts": cited,
    "packages/core/src/notATest.ts": cited,
  };
  expect(missing(tests, "")).toEqual([]);
});

test("finds a document that names a test that is not there", () => {
  const tests = { "packages/core/src/a.test.ts": `test("${alarm}: rings at %i o'clock", () => {});` };
  const line = (name: string) => `| ${alarm} | The alarm rings when it has to ring. | \`${name}\` |`;
  const faults = (name: string) => checkRequirementIds(treeOf({ ...tests, "docs/requirements/a.md": line(name) }));
  expect(faults(`${alarm}: rings at … o'clock`)).toEqual([]);
  expect(faults(`${alarm}: rings`)).toEqual([
    expect.stringContaining(`names a test that is not there: "${alarm}: rings"`),
  ]);
});

test("tells who cites the id and what to write where", () => {
  const folder = treeOf({ "packages/core/src/a.test.ts": `test("${alarm}: rings", () => {});` });
  expect(checkRequirementIds(folder)).toEqual([
    [
      `${alarm} is explained nowhere in docs/requirements/.`,
      `- Cited by 1 test(s), first packages/core/src/a.test.ts: ${alarm}: rings`,
      `- Add a line "| ${alarm} | what has to hold | covering tests |", or correct the test's name.`,
    ].join("\n"),
  ]);
});
