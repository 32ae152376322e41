// `npm run conformance`: installs, builds and runs an engine against the Ethereum state tests. See `--help`.
import { join } from "node:path";
import { build } from "./build.mjs";
import { root } from "./install.mjs";

// The engine that is judged: a module that exports `openStateTestEngine`, loaded once a thread.
const engineModule = join(root, "packages", "evm", "dist", "conformance", "openStateTestEngine.js");

build();
// After the build: it imports what that makes.
const { runConformance } = await import("./conformance/command.mjs");
process.exitCode = await runConformance(process.argv.slice(2), engineModule);
