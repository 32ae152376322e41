// Compiles Solidity with npm's solc, offline, and caches each result by the hash of all its inputs.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);
const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const cacheDir = join(root, ".cache", "solc");
// Nothing here compiles for as long as this, so a lock as old as this is nobody's.
const longestMs = 15 * 60_000;

/** Compiler settings of every module: the same in tests, in the drill and on chain. */
export const settings = {
  optimizer: { enabled: true, runs: 10_000 },
  evmVersion: "cancun",
  metadata: { bytecodeHash: "none", appendCBOR: false },
  outputSelection: { "*": { "*": ["abi", "evm.bytecode.object", "evm.deployedBytecode.object"] } },
};

/**
 * Compiles `files` (absolute paths) and what they import. Imports that are not relative are found as npm packages.
 * Returns `{ [contractName]: { abi, bytecode, deployedBytecode } }`; throws with the compiler's own message.
 */
export function compile(files) {
  return compileWith("solc", settings, files);
}

/** As `compile`, for sources that others wrote: with the compiler of the npm package `compiler` and their settings. */
export function compileWith(compiler, settings, files) {
  return fromSolc(compiler, settings, files, "code", ({ contracts: units }) => {
    const contracts = {};
    for (const [unit, inFile] of Object.entries(units))
      for (const [name, c] of Object.entries(inFile))
        if (!(name in contracts) || files.includes(resolve(root, unit)))
          contracts[name] = {
            abi: c.abi,
            bytecode: `0x${c.evm.bytecode.object}`,
            deployedBytecode: `0x${c.evm.deployedBytecode.object}`,
          };
    return contracts;
  });
}

/**
 * What `pick` takes of solc's answer for `files` and all that they import, kept in the cache until an input changes.
 * `part` tells one pick from another there. Throws with the compiler's own message.
 */
export function fromSolc(compiler, settings, files, part, pick) {
  const text = JSON.stringify({ language: "Solidity", sources: collect(files), settings });
  const { version } = require(`${compiler}/package.json`);
  const hash = createHash("sha256").update(version).update(text).update(part).digest("hex");
  const cacheFile = join(cacheDir, `${hash}.json`);
  return onceForAll(cacheFile, () => pick(answerOf(require(compiler).compile(text))));
}

function answerOf(json) {
  const output = JSON.parse(json);
  const errors = (output.errors ?? []).filter((e) => e.severity === "error");
  if (errors.length > 0) throw new Error(errors.map((e) => e.formattedMessage).join("\n"));
  return output;
}

// Test files run side by side and often need the same contracts first: one process compiles, the others wait for it.
function onceForAll(cacheFile, make) {
  const lock = `${cacheFile}.lock`;
  mkdirSync(cacheDir, { recursive: true });
  while (!existsSync(cacheFile) && !takes(lock)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
  try {
    if (existsSync(cacheFile)) return JSON.parse(readFileSync(cacheFile, "utf8"));
    const made = make();
    const partial = `${cacheFile}.${process.pid}`;
    writeFileSync(partial, JSON.stringify(made));
    renameSync(partial, cacheFile);
    return made;
  } finally {
    rmSync(lock, { force: true });
  }
}

/** Whether the lock is ours now. That of a process which is no more is taken away for the next attempt. */
function takes(lock) {
  try {
    writeFileSync(lock, `${process.pid}`, { flag: "wx" });
    return true;
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
    if (!holderLives(lock)) rmSync(lock, { force: true });
    return false;
  }
}

function holderLives(lock) {
  try {
    if (Date.now() - statSync(lock).mtimeMs > longestMs) return false;
    // An empty lock was made this very moment; a process may not be ours to signal and yet live.
    return process.kill(Number(readFileSync(lock, "utf8")) || process.pid, 0);
  } catch (error) {
    return error.code === "EPERM";
  }
}

// solc resolves a relative import against the importing unit's name, so unit names are paths below the root
// and package imports keep their package name.
function collect(files) {
  const sources = {};
  const queue = files.map((path) => ({ unit: relative(root, path), path }));
  for (let next = queue.pop(); next; next = queue.pop()) {
    if (next.unit in sources) continue;
    const content = readFileSync(next.path, "utf8");
    sources[next.unit] = { content };
    for (const [, target] of content.matchAll(/^\s*import\s+(?:[^"';]*\sfrom\s+)?["']([^"']+)["']/gm)) {
      const unit = target.startsWith(".") ? join(dirname(next.unit), target) : target;
      const path = target.startsWith(".") ? resolve(dirname(next.path), target) : packageFile(target);
      queue.push({ unit, path });
    }
  }
  return Object.fromEntries(Object.entries(sources).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function packageFile(target) {
  const parts = target.split("/");
  const name = parts.slice(0, target.startsWith("@") ? 2 : 1).join("/");
  return join(dirname(require.resolve(`${name}/package.json`)), ...parts.slice(name.split("/").length));
}
