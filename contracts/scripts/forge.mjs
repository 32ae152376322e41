// Runs forge 1.7.1 from npm with npm's solc: on these contracts at the repository's root, or in a project of its own.
import { spawn } from "node:child_process";
import { chmodSync, existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);
const here = dirname(fileURLToPath(import.meta.url));

/** The contracts folder. */
export const packageDir = resolve(here, "..");

/** The path of forge's own binary (npm's `.bin/forge` is a wrapper that a kill does not pass). Throws if absent. */
export function forgeBinary() {
  const name = `@foundry-rs/forge-${process.platform}-${process.arch === "x64" ? "amd64" : process.arch}`;
  try {
    const binary = join(dirname(require.resolve(`${name}/package.json`)), "bin", "forge");
    if (existsSync(binary)) return binary;
  } catch (cause) {
    throw new Error(`No forge for "${process.platform}-${process.arch}".\n- Expected the npm package "${name}".`, {
      cause,
    });
  }
  throw new Error(`The package "${name}" has no bin/forge.\n- Run npm install again.`);
}

/**
 * Runs forge with `args` on the contracts here; its stderr passes through. Returns `{ code, stdout }`; stdout also goes
 * to `onText`. `signal` ends it, and the returned promise with an AbortError.
 */
export function forge(args, onText = () => {}, signal = undefined) {
  const config = { FOUNDRY_CONFIG: join(packageDir, "foundry.toml") };
  return start(resolve(packageDir, ".."), config, args, onText, signal);
}

/**
 * As `forge`, in the project that lies in `folder`, with its own foundry.toml and no network. `settings` are environment
 * variables, which go before that file.
 */
export function forgeIn(folder, args, settings = {}) {
  return start(folder, { FOUNDRY_OFFLINE: "true", ...settings }, args, () => {});
}

function start(cwd, settings, args, onText, signal) {
  const shim = join(here, "solcShim.mjs");
  chmodSync(shim, 0o755);
  const env = { ...process.env, FOUNDRY_SOLC: shim, ...settings };
  return new Promise((done, fail) => {
    const child = spawn(forgeBinary(), args, { cwd, env, signal, stdio: ["ignore", "pipe", "inherit"] });
    let stdout = "";
    child.stdout.setEncoding("utf8").on("data", (chunk) => {
      stdout += chunk;
      onText(chunk);
    });
    child.on("error", fail);
    child.on("close", (code, signal) => done({ code: signal ? 1 : code, stdout }));
  });
}
