// What every script needs first: a Node that is new enough and the packages of the lockfile. No dependencies.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const root = resolve(fileURLToPath(new URL("..", import.meta.url)));
const stamp = join(root, "node_modules", ".testudo-lock");

/** Runs a command in the project's root with its output shown; ends this process with its code when it fails. */
export function run(command, args, options = {}) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: "inherit", ...options });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

/** Installs the packages of the lockfile unless that has been done for this very lockfile. */
export function ensureInstalled() {
  assertNode();
  const lock = createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === lock) return;
  process.stderr.write("Installing packages (about a minute, once) …\n");
  // Install scripts are not needed: all binaries come inside the packages. Not `npm ci`: it refuses a lockfile that lacks
  // the optional binaries of other platforms, and registry mirrors do not carry them all. Versions are the lockfile's.
  run("npm", ["install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], {
    stdio: ["ignore", 2, "inherit"],
  });
  writeFileSync(stamp, lock);
}

function assertNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  process.stderr.write(
    `Node ${process.versions.node} is too old.\n- Needed: 20.19 or newer.\n- Install a current Node and run this again.\n`,
  );
  process.exit(1);
}
