// `npm run bench:detect`: installs, builds, installs the peers to measure against, and measures detection. Arguments go to
// bench/detect.mjs; what is not the result goes to standard error.
import { join } from "node:path";
import { build } from "./build.mjs";
import { root, run } from "./install.mjs";
import { installPeers } from "./installPeers.mjs";

build();
installPeers();
run(process.execPath, [join(root, "bench", "detect.mjs"), ...process.argv.slice(2)]);
