// Where the generators put their files.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../install.mjs";

/** Writes contracts/test/vectors/`name`.json; with `--check` says whether the file is that text, and exits with 1 if not. */
export function publish(name, text) {
  const file = join(root, "contracts/test/vectors", `${name}.json`);
  if (!process.argv.includes("--check")) return writeFileSync(file, text);
  if (readFileSync(file, "utf8") === text) return;
  console.error(`contracts/test/vectors/${name}.json is not what its generator writes.`);
  console.error(`- Run node scripts/vectors/${name}.mjs after a build, and look at what has changed.`);
  process.exitCode = 1;
}
