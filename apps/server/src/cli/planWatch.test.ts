import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { planWatch } from "./planWatch.ts";

const vault = `0x${"5a".repeat(20)}`;
let folder = "";
let config = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "testudo-plan-"));
  config = join(folder, "testudo.config.ts");
  const text = `export default defineConfig({ rpc: ["http://a"], protect: ["${vault}"], dataDir: "elsewhere" });`;
  writeFileSync(config, `import { defineConfig } from "testudo";\n${text}`);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("behavior: the configuration says where the data folder is, and --data says it louder, whatever it names", async () => {
  const folderOf = async (data?: string) =>
    (await planWatch({ config, history: "0", ...(data === undefined ? {} : { data }) })).dataDir;
  expect(await folderOf()).toBe(join(folder, "elsewhere"));
  expect(await folderOf(".testudo")).toBe(resolve(".testudo"));
  expect(await folderOf(join(folder, "d"))).toBe(join(folder, "d"));
});

test("behavior: one address in several spellings is watched once", async () => {
  const protect = [vault, `${vault},0x${vault.slice(2).toUpperCase()}`];
  expect((await planWatch({ rpc: ["http://a"], protect, history: "0" })).protect).toEqual([vault]);
});
