import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const bin = fileURLToPath(new URL("../../../bin/testudo.js", import.meta.url));

test.each([
  ["process.exit(0)", []],
  ["process.exit()", ["--verify"]],
  ["await new Promise(() => {})", ["--verify"]],
])("DEPLOY-14: a file that ends the program by %s ends it with 1 and the reason", (code, flags) => {
  const folder = mkdtempSync(join(tmpdir(), "testudo-exit-"));
  try {
    const file = join(folder, "testudo.deploy.ts");
    writeFileSync(file, `${code};\nexport default {};\n`);
    const keys = flags.length > 0 ? [] : ["--keystore", "none.json"];
    const args = ["deploy", "--chain", "http://127.0.0.1:1", "--file", file, ...keys, ...flags];
    const { status, stderr, stdout } = spawnSync(process.execPath, [bin, ...args], { encoding: "utf8" });
    expect([status, stdout]).toEqual([1, ""]);
    expect(stderr).toContain("error: The deployment's own code ended the program before anything was compared.");
  } finally {
    rmSync(folder, { recursive: true });
  }
});
