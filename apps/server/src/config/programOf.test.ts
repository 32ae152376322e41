import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { loadConfig } from "./loadConfig.ts";
import { PlaybookIdle, programOf } from "./programOf.ts";

const vault = `0x${"5a".repeat(20)}`;
let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "testudo-program-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function programWith(answer: string) {
  const file = join(folder, "testudo.config.ts");
  writeFileSync(
    file,
    `import { defineConfig, invariant, pause, when, zeroConfigDetectors } from "testudo";
     const solvent = invariant({ id: "solvent", reads: () => [], predicate: () => ({ holds: true, reason: "", evidence: {} }) });
     export default defineConfig({ rpc: ["http://a"], protect: ["${vault}"], detectors: [...zeroConfigDetectors(), solvent],
       playbooks: [${answer}.respond(pause("${vault}", ["withdraw(uint256)"]))] });`,
  );
  return programOf(await loadConfig(file), 1);
}

test("a configuration names an answer's detectors by id, and its invariants by name", async () => {
  const { playbooks } = await programWith('when("asset-drain", { and: "solvent", within: "1 block" })');
  expect(playbooks[0]).toMatchObject({ id: "when-asset-drain-solvent", detectors: ["asset-drain", "solvent"] });
});

test("error: an answer to a detector that does not run would wait for ever", async () => {
  const failure = await programWith('when("asset-drains")').catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(PlaybookIdle);
  expect(String(failure)).toContain(
    'has a playbook "when-asset-drains" that waits for "asset-drains", which does not run.',
  );
  expect(String(failure)).toContain("asset-drain, ");
});
