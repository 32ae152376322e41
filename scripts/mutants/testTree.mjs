// A copy of the contracts in which sources are broken, so that the checkout stays as it is.
import { cpSync, existsSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { forgeIn } from "../../contracts/scripts/forge.mjs";
import { root } from "../install.mjs";

// Compiled without the optimizer, which takes a third of the time.
const plain = { FOUNDRY_OPTIMIZER: "false" };
// What such code does not keep: the size that fits on chain and the gas of a view.
const ofOptimized = "codeFitsOnChain|Within50000Gas";
const options = ["--fail-fast", "--color", "never", "--no-match-test", ofOptimized];
// With it forge compiles the broken source alone and no test that deploys it. But a test ends, as passed, where it expects
// that a constructor reverts.
const dynamic = "--dynamic-test-linking";

/** Makes the trees of `worker` as the checkout is now. What forge compiled in them before stays, so that it compiles little. */
export function makeTrees(worker) {
  for (const linked of [false, true]) makeTree(treeOf(worker, linked));
}

function makeTree(tree) {
  for (const part of ["src", "test", "snapshots"]) {
    rmSync(join(tree, "contracts", part), { recursive: true, force: true });
    cpSync(join(root, "contracts", part), join(tree, "contracts", part), { recursive: true });
  }
  writeFileSync(join(tree, "foundry.toml"), readFileSync(join(root, "contracts", "foundry.toml")));
  if (!existsSync(join(tree, "node_modules"))) symlinkSync(join(root, "node_modules"), join(tree, "node_modules"));
}

/** Puts `text` in the place of the file at `path` in the tree of `worker` in which tests are linked, or not. */
export function writeInTree(worker, linked, path, text) {
  writeFileSync(join(treeOf(worker, linked), path), text);
}

/**
 * Runs the test files at `paths` with `fuzzRuns` and `invariantRuns`, and `compiler`'s settings: "passed", "failed", or
 * "uncompiled" where forge ran none. `linked` says that each test holds the code that it deploys.
 */
export async function runTests(worker, { paths, linked, fuzzRuns, invariantRuns }, compiler) {
  const glob = paths.length > 1 ? `{${paths.join(",")}}` : paths[0];
  const runs = { FOUNDRY_FUZZ_RUNS: String(fuzzRuns), FOUNDRY_INVARIANT_RUNS: String(invariantRuns) };
  const settings = { ...plain, ...runs, ...compiler };
  const args = ["test", ...(linked ? [] : [dynamic]), ...options, "--match-path", glob];
  const { code, stdout } = await forgeIn(treeOf(worker, linked), args, settings);
  if (code === 0) return /^Ran \d+ test suite/m.test(stdout) ? "passed" : "uncompiled";
  return /^\[FAIL/m.test(stdout) ? "failed" : "uncompiled";
}

function treeOf(worker, linked) {
  return join(root, ".cache", "mutants", `${worker}${linked ? "-linked" : ""}`);
}
