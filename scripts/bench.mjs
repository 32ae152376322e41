// `npm run bench`: installs, builds, installs the peers to measure against, and measures. Arguments go to bench/run.mjs.
import { join } from "node:path";
import { build } from "./build.mjs";
import { root, run } from "./install.mjs";
import { installPeers } from "./installPeers.mjs";

build();
installPeers();
run(process.execPath, [join(root, "bench", "run.mjs"), ...process.argv.slice(2)]);
