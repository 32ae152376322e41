import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { stalePages } from "../contracts/scripts/docs.mjs";
import { prose } from "../contracts/scripts/markdown.mjs";
import { modulePages } from "../contracts/scripts/modulePages.mjs";
import { readNatSpec } from "../contracts/scripts/natSpec.mjs";

const root = join(import.meta.dirname, "..");
const committed = join(root, "docs", "modules");

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

test("the committed pages are what the NatSpec gives", () => {
  expect(stalePages(committed, modulePages(readNatSpec()))).toEqual([]);
});

test("a page that was edited, is missing or has no contract is stale", () => {
  const folder = mkdtempSync(join(tmpdir(), "testudo-docs-"));
  folders.push(folder);
  writeFileSync(join(folder, "Same.md"), "same");
  writeFileSync(join(folder, "Edited.md"), "by hand");
  writeFileSync(join(folder, "Gone.md"), "of a contract that is no more");
  const pages = new Map([
    ["Same.md", "same"],
    ["Edited.md", "made"],
    ["New.md", "new"],
  ]);
  expect(stalePages(folder, pages)).toEqual(["Edited.md", "Gone.md", "New.md"]);
  expect(stalePages(join(folder, "nowhere"), pages)).toEqual(["Edited.md", "New.md", "Same.md"]);
});

test("a changed NatSpec text changes the page of its module and no other", () => {
  const units = readNatSpec();
  const before = modulePages(units);
  const face = units["contracts/src/interfaces/IFlowLimiter.sol"].contracts[0];
  face.userdoc.methods["claim(uint256)"].notice = "Something else.";
  const after = modulePages(units);
  expect([...after.keys()].filter((name) => after.get(name) !== before.get(name))).toEqual(["FlowLimiter.md"]);
  expect(after.get("FlowLimiter.md")).toContain("\nSomething else.\n");
});

test("every contract that can be deployed or taken in has a page, and the index names each", () => {
  const contracts = ["", "adapters"].flatMap((folder) => readdirSync(join(root, "contracts", "src", folder)));
  const names = contracts.filter((name) => name.endsWith(".sol")).map((name) => name.replace(".sol", ".md"));
  const index = readFileSync(join(committed, "README.md"), "utf8");
  expect(readdirSync(committed).sort()).toEqual([...names, "README.md"].sort());
  for (const name of names) expect(index).toContain(`](${name})`);
});

test("no function, view, event or error of ours goes without a text", () => {
  for (const [name, page] of modulePages(readNatSpec())) {
    expect(page, name).not.toMatch(/\| *\|$/m);
    // A function's text stands right below its declaration.
    expect(page, name).not.toMatch(/\/\/ 0x[0-9a-f]{8}\n```\n\n[#-]/);
  }
});

test("a list is set off from the lines around it", () => {
  expect(prose("Before:\n- one\n  goes on\n- two\nAfter.")).toBe("Before:\n\n- one\n  goes on\n- two\n\nAfter.");
  expect(prose("- one\n\nAfter.")).toBe("- one\n\nAfter.");
});
