// A copy of the contracts in which sources are broken, so that the checkout stays as it is.
import { cpSync, existsSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { forgeIn } from "../../contracts/scripts/forge.mjs";
import { root } from "../install.mjs";

// Without the optimizer solc takes less than half of the time. Few runs: a mutant that a thousand find and these do not
// is listed as a survivor, and that is seen.
const settings = { FOUNDRY_OPTIMIZER: "false", FOUNDRY_FUZZ_RUNS: "64", FOUNDRY_INVARIANT_RUNS: "4" };
// With this, forge compiles the broken source alone and no test that deploys it.
const options = ["--dynamic-test-linking", "--fail-fast", "--color", "never"];

const tree = join(root, ".cache", "mutants");

/** Makes the copy anew as the checkout is now; what forge compiled in it before stays, so that it compiles little. */
export function makeTree() {
  for (const part of ["src", "test", "snapshots"]) {
    rmSync(join(tree, "contracts", part), { recursive: true, force: true });
    cpSync(join(root, "contracts", part), join(tree, "contracts", part), { recursive: true });
  }
  writeFileSync(join(tree, "foundry.toml"), readFileSync(join(root, "contracts", "foundry.toml")));
  if (!existsSync(join(tree, "node_modules"))) symlinkSync(join(root, "node_modules"), join(tree, "node_modules"));
}

/** Puts `text` in the place of the tree's file at `path`. */
export function writeInTree(path, text) {
  writeFileSync(join(tree, path), text);
}

/** Runs the test files at `paths`: "passed", "failed", or "uncompiled" where forge ran none of them. */
export async function runTests(paths) {
  const glob = paths.length > 1 ? `{${paths.join(",")}}` : paths[0];
  const { code, stdout } = await forgeIn(tree, ["test", ...options, "--match-path", glob], settings);
  if (code === 0) return /^Ran \d+ test suite/m.test(stdout) ? "passed" : "uncompiled";
  return /^\[FAIL/m.test(stdout) ? "failed" : "uncompiled";
}
