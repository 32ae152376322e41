// Everything that can be said about the code without running it.
import { join } from "node:path";
import { root, run } from "./install.mjs";

run(process.execPath, [
  join(root, "node_modules", "@biomejs", "biome", "bin", "biome"),
  "check",
  "--max-diagnostics=40",
]);
run(process.execPath, [join(root, "scripts", "layers.mjs")]);
run(process.execPath, [join(root, "scripts", "determinism.mjs")]);
run(process.execPath, [join(root, "contracts", "scripts", "requirements.mjs")]);
run(process.execPath, [join(root, "scripts", "requirementIds.mjs")]);
run(process.execPath, [join(root, "contracts", "scripts", "docs.mjs"), "--check"]);
