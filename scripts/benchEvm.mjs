// `npm run bench:evm`: installs, builds, compiles the contracts that are measured, and measures our EVM beside its peers,
// all on one core. Arguments go to bench/evm.mjs; what is not the result goes to standard error.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { forgeIn } from "../contracts/scripts/forge.mjs";
import { build } from "./build.mjs";
import { root, run } from "./install.mjs";
import { installPeers } from "./installPeers.mjs";

build();
installPeers();
const { code, stdout } = await forgeIn(root, ["build"], { FOUNDRY_CONFIG: join(root, "bench", "evm", "foundry.toml") });
if (code !== 0) throw new Error(`forge cannot compile the contracts of the benchmark.\n${stdout}`);
const command = [process.execPath, join(root, "bench", "evm.mjs"), ...process.argv.slice(2)];
const canPin = spawnSync("taskset", ["-c", "1", "true"]).status === 0;
if (canPin) run("taskset", ["-c", "1", ...command]);
else run(command[0], command.slice(1));
