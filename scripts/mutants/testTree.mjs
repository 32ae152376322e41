// A copy of the contracts in which sources are broken, so that the checkout stays as it is.
import { cpSync, existsSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { forgeIn } from "../../contracts/scripts/forge.mjs";
import { root } from "../install.mjs";

// Few runs: a mutant that a thousand find and these do not is listed as a survivor, and that is seen.
const runs = { FOUNDRY_FUZZ_RUNS: "64", FOUNDRY_INVARIANT_RUNS: "4" };
// With this, forge compiles the broken source alone and no test that deploys it.
const options = ["--dynamic-test-linking", "--fail-fast", "--color", "never"];

/** Whether a tree is compiled with the optimizer, in the order in which they are tried: without takes a third of the time. */
export const kinds = { plain: "false", optimized: "true" };

/** Makes the tree of `kind` as the checkout is now. What forge compiled in it before stays, so that it compiles little. */
export function makeTree(kind) {
  const tree = treeOf(kind);
  for (const part of ["src", "test", "snapshots"]) {
    rmSync(join(tree, "contracts", part), { recursive: true, force: true });
    cpSync(join(root, "contracts", part), join(tree, "contracts", part), { recursive: true });
  }
  writeFileSync(join(tree, "foundry.toml"), readFileSync(join(root, "contracts", "foundry.toml")));
  if (!existsSync(join(tree, "node_modules"))) symlinkSync(join(root, "node_modules"), join(tree, "node_modules"));
}

/** Puts `text` in the place of the file at `path` in the tree of `kind`. */
export function writeInTree(kind, path, text) {
  writeFileSync(join(treeOf(kind), path), text);
}

/** Runs the test files at `paths` with `compiler`'s settings: "passed", "failed", or "uncompiled" where forge ran none. */
export async function runTests(kind, paths, compiler) {
  const glob = paths.length > 1 ? `{${paths.join(",")}}` : paths[0];
  const settings = { ...runs, ...compiler, FOUNDRY_OPTIMIZER: kinds[kind] };
  const { code, stdout } = await forgeIn(treeOf(kind), ["test", ...options, "--match-path", glob], settings);
  if (code === 0) return /^Ran \d+ test suite/m.test(stdout) ? "passed" : "uncompiled";
  return /^\[FAIL/m.test(stdout) ? "failed" : "uncompiled";
}

function treeOf(kind) {
  return join(root, ".cache", "mutants", kind);
}
