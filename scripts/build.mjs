import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ensureInstalled, root, run } from "./install.mjs";

/**
 * Compiles contracts, the engine and TypeScript, and makes the empty database that first starts copy. All keep what has not
 * changed; a build with nothing to do takes about a second.
 */
export function build() {
  ensureInstalled();
  run(process.execPath, [join(root, "contracts", "scripts", "build.mjs")], { stdio: ["ignore", 2, "inherit"] });
  run(process.execPath, [join(root, "packages", "evm", "scripts", "compile.mjs")], { stdio: ["ignore", 2, "inherit"] });
  run(process.execPath, [join(root, "node_modules", "typescript", "bin", "tsc"), "-b"], {
    stdio: ["ignore", 2, "inherit"],
  });
  run(process.execPath, [join(root, "scripts", "prepareDatabase.mjs")]);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  build();
  process.stdout.write(
    "Built. Next: `npm start` rehearses an attack, `npx testudo watch --rpc URL --protect 0x…` watches, `npm test` checks.\n",
  );
}
