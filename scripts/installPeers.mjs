import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root, run } from "./install.mjs";

/**
 * Installs what is measured against, unless that has been done for this very lockfile. Peers have their own lockfile and stay
 * outside the workspaces: nothing that ships may find them.
 */
export function installPeers() {
  const folder = join(root, "bench", "peers");
  const stamp = join(folder, "node_modules", ".testudo-lock");
  const lock = createHash("sha256")
    .update(readFileSync(join(folder, "package-lock.json")))
    .digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === lock) return;
  process.stderr.write("Installing the peers of the benchmark (once) …\n");
  run("npm", ["ci", "--workspaces=false", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: folder,
    stdio: ["ignore", 2, "inherit"],
  });
  writeFileSync(stamp, lock);
}
