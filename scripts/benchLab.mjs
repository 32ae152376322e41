// `npm run bench:lab`: builds, and measures our search beside forge's, on one core. Arguments go to bench/lab.mjs.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { build } from "./build.mjs";
import { root, run } from "./install.mjs";

build();
const command = [process.execPath, join(root, "bench", "lab.mjs"), ...process.argv.slice(2)];
const canPin = spawnSync("taskset", ["-c", "1", "true"]).status === 0;
if (canPin) run("taskset", ["-c", "1", ...command]);
else run(command[0], command.slice(1));
