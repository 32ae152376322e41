// `npm run test:node [-- MAJOR…] [PATH…]`: the suite on the other supported Node versions, whose binaries come from the npm registry.
// With paths only the tests that stand there, without build, check and forge: what they import from dist has to be built.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { root, run } from "./install.mjs";

const versions = { 22: "22.23.3", 24: "24.9.0" };
const name = `node-${process.platform === "win32" ? "win" : process.platform}-${process.arch}`;
const majors = process.argv.slice(2).filter((argument) => /^\d+$/.test(argument));
const paths = process.argv.slice(2).filter((argument) => !/^\d+$/.test(argument));
const wanted = majors.length > 0 ? majors : Object.keys(versions);
const results = wanted.map((major) => ({ major, code: testOn(major) }));
for (const { major, code } of results)
  process.stdout.write(`Node ${major}: ${code === 0 ? "passed" : `failed (exit code ${code})`}\n`);
process.exit(results.every(({ code }) => code === 0) ? 0 : 1);

function testOn(major) {
  const version = versions[major];
  if (version === undefined) {
    process.stderr.write(
      `Node ${major} is not among the tested ones.\n- Known: ${Object.keys(versions).join(", ")}.\n`,
    );
    return 2;
  }
  const folder = join(root, ".cache", "node", version);
  const binary = join(folder, "node_modules", name, "bin", process.platform === "win32" ? "node.exe" : "node");
  if (!existsSync(binary)) {
    mkdirSync(folder, { recursive: true });
    run("npm", [
      "install",
      "--prefix",
      folder,
      "--ignore-scripts",
      "--no-audit",
      "--no-fund",
      "--no-save",
      `${name}@${version}`,
    ]);
  }
  process.stdout.write(`\n=== Node ${version} ===\n`);
  const suite =
    paths.length === 0
      ? [join(root, "scripts", "test.mjs")]
      : [join(root, "node_modules", "vitest", "vitest.mjs"), "run", ...paths];
  return spawnSync(binary, suite, { cwd: root, stdio: "inherit" }).status ?? 1;
}
