import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadDeployment } from "../../deploy/loadDeployment.ts";
import { deploymentTemplate } from "./deploymentTemplate.ts";

// What is commented out as code: a key with what belongs to it, not a sentence.
const isCode = /^ {2}\/\/ (\w+: [[{]|[\]}],| {2})/;

/** The template with all that it shows switched on, and a value in each place that waits for one. */
function filledIn(): string {
  let count = 16;
  const code = deploymentTemplate()
    .split("\n")
    .map((line) => (isCode.test(line) ? line.replace("// ", "") : line))
    .join("\n");
  return code
    .replace(/termsHash: "0x…"/, `termsHash: "0x${"6".repeat(64)}"`)
    .replace(/"0x…"/g, () => `"0x${(count++).toString(16).repeat(20)}"`);
}

test("behavior: the first deployment, all that it shows switched on, is in order", async () => {
  const folder = mkdtempSync(join(tmpdir(), "testudo-template-"));
  try {
    const file = join(folder, "testudo.deploy.ts");
    writeFileSync(file, filledIn());
    const { deployment } = await loadDeployment(file);
    expect(Object.keys(deployment)).toEqual(expect.arrayContaining(["groups", "flow", "bounty", "bridge"]));
    expect(deployment.bounty!.panel.attestors).toHaveLength(3);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
