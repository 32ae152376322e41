import { copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { forgeIn } from "@testudo/contracts/forge";
import { expect, onTestFinished, test } from "vitest";

const harness = new URL("../../packages/evm/src/CheatHarness.testkit.sol", import.meta.url);
const settings = `[profile.default]
src = "test"
libs = []
evm_version = "cancun"
optimizer = true
isolate = false
auto_detect_remappings = false
`;

test("EVM-09: the harness of the engine's cheat codes ends in forge as its tests' names say", async () => {
  const folder = await mkdtemp(join(tmpdir(), "testudo-cheats-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await mkdir(join(folder, "test"));
  await writeFile(join(folder, "foundry.toml"), settings);
  await copyFile(harness, join(folder, "test", "CheatHarness.t.sol"));
  const { stdout } = await forgeIn(folder, ["test", "--json"]);
  const suites = JSON.parse(stdout) as { [suite: string]: { test_results: { [name: string]: { status: string } } } };
  const found = Object.values(suites).flatMap((suite) => Object.entries(suite.test_results));
  expect(found).toHaveLength(27);
  for (const [name, { status }] of found)
    expect(`${name} ${status}`).toBe(`${name} ${name.includes("Fails") ? "Failure" : "Success"}`);
});
