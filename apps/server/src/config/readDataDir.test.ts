import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseSync } from "oxc-parser";
import { afterAll, expect, test } from "vitest";
import { evaluateConfig } from "./evaluateConfig.ts";
import { readDataDir } from "./readDataDir.ts";

// The process of its own runs what was built.
const { loadDataDir } = (await import(new URL("../../dist/config/loadDataDir.js", import.meta.url).href)) as {
  loadDataDir: typeof import("./loadDataDir.ts").loadDataDir;
};

const folder = mkdtempSync(join(tmpdir(), "testudo-datadir-"));
afterAll(() => rmSync(folder, { recursive: true }));

const imported = 'import { defineConfig } from "testudo";\n';
const file = join(folder, "testudo.config.ts");

test.each([
  ["written out", `${imported}export default defineConfig({ rpc: [], dataDir: "a" });`, "a"],
  ["under a quoted key", `${imported}export default defineConfig({ "dataDir": "a", 7: 1, f() {} } );`, "a"],
  ["not named", `${imported}export default defineConfig({ rpc: [{ ...{ dataDir: "a" } }] });`, null],
  [
    "under another name of ours",
    'import { defineConfig as d } from "testudo";\nexport default d({ dataDir: "a" });',
    "a",
  ],
  ["in what is spread", `${imported}export default defineConfig({ dataDir: "a", ...{ dataDir: "b" } });`, undefined],
  ["under a key that is computed", `${imported}export default defineConfig({ ["data" + "Dir"]: "b" });`, undefined],
  [
    "under a computed name",
    `${imported}const dataDir = "x";\nexport default defineConfig({ [dataDir]: 1 });`,
    undefined,
  ],
  ["twice", `${imported}export default defineConfig({ dataDir: "a", "dataDir": "b" } as any);`, undefined],
  ["twice, without a cast", `${imported}export default defineConfig({ dataDir: "a", "dataDir": "b" });`, undefined],
  ["short", `${imported}const dataDir = "b";\nexport default defineConfig({ dataDir });`, undefined],
  ["got", `${imported}export default defineConfig({ get dataDir() { return "b"; } });`, undefined],
  ["put together", `${imported}export default defineConfig({ dataDir: "a" + "b" });`, undefined],
  ["in a template", `${imported}export default defineConfig({ dataDir: \`a\` });`, undefined],
  [
    "in a constant",
    `${imported}const c = { dataDir: "a" };\nc.dataDir = "b";\nexport default defineConfig(c);`,
    undefined,
  ],
  [
    "by a function of their own",
    `${imported}const mine = (c: any) => defineConfig({ ...c, dataDir: "b" });\nexport default mine({ dataDir: "a" });`,
    undefined,
  ],
  ["by a namespace", 'import * as t from "testudo";\nexport default t.defineConfig({ dataDir: "a" });', undefined],
])("parity: a data folder %s is read as the file gives it when it runs, or not at all", async (_, text, expected) => {
  writeFileSync(file, text);
  const read = readDataDir(parseSync(file, text).program);
  expect(read).toBe(expected);
  const { config } = await evaluateConfig(file);
  if (read !== undefined) expect(config.dataDir ?? null).toBe(read);
  expect(await loadDataDir(file)).toBe(join(folder, config.dataDir ?? ".testudo"));
});

test("behavior: a file that throws when it runs, or takes for ever, still tells its folder in an emergency", async () => {
  writeFileSync(file, `${imported}while (true);\nexport default defineConfig({ dataDir: "a" });`);
  expect(await loadDataDir(file)).toBe(join(folder, "a"));
});

test("error: an empty data folder is refused as before", async () => {
  writeFileSync(file, `${imported}export default defineConfig({ dataDir: "" });`);
  await expect(loadDataDir(file)).rejects.toThrow("is no folder's path");
});
