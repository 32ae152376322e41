import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";

const script = join(import.meta.dirname, "..", "contracts", "scripts", "compile.mjs");

let folder = "";
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a process that asks for `file` compiled and notes in `log` when it was the one that compiled it. */
function compileElsewhere(file: string, log: string, part: string): Promise<string> {
  const code = `
    import { appendFileSync } from "node:fs";
    import { fromSolc, settings } from ${JSON.stringify(script)};
    const names = fromSolc("solc", settings, [${JSON.stringify(file)}], ${JSON.stringify(part)}, (output) => {
      appendFileSync(${JSON.stringify(log)}, "compiled\\n");
      return Object.values(output.contracts).flatMap((unit) => Object.keys(unit));
    });
    process.stdout.write(names.join());`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", code], { stdio: ["ignore", "pipe", "ignore"] });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (chunk) => {
    text += chunk;
  });
  return new Promise((done) => child.on("close", (status) => done(`${status} ${text}`)));
}

test("three processes that need the same contract compile it once", async () => {
  folder = mkdtempSync(join(tmpdir(), "testudo-compile-"));
  const [file, log, part] = [join(folder, "Small.sol"), join(folder, "log"), randomUUID()];
  writeFileSync(file, "// SPDX-License-Identifier: MIT\npragma solidity 0.8.37;\n\ncontract Small {}\n");
  const outcomes = await Promise.all([1, 2, 3].map(() => compileElsewhere(file, log, part)));
  expect(outcomes).toEqual(["0 Small", "0 Small", "0 Small"]);
  expect(readFileSync(log, "utf8")).toBe("compiled\n");
});

test("one that fails to compile keeps nobody waiting", async () => {
  folder = mkdtempSync(join(tmpdir(), "testudo-compile-"));
  const [file, log, part] = [join(folder, "Broken.sol"), join(folder, "log"), randomUUID()];
  writeFileSync(file, "// SPDX-License-Identifier: MIT\npragma solidity 0.8.37;\n\ncontract Broken { nonsense }\n");
  const outcomes = await Promise.all([1, 2].map(() => compileElsewhere(file, log, part)));
  expect(outcomes).toEqual(["1 ", "1 "]);
});
