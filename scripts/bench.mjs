// `npm run bench`: installs, builds, installs the peers to measure against, and measures. Arguments go to bench/run.mjs.
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "./build.mjs";
import { root, run } from "./install.mjs";

build();
installPeers();
run(process.execPath, [join(root, "bench", "run.mjs"), ...process.argv.slice(2)]);

/** Peers have their own lockfile and stay outside the workspaces: nothing that ships may find them. */
function installPeers() {
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
