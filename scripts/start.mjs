// `npm start`: installs, builds and runs the main job, the live drill. Arguments after `--` go to the drill.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { build } from "./build.mjs";
import { root } from "./install.mjs";

build();
const drill = spawn(
  process.execPath,
  [
    join(root, "apps", "server", "bin", "testudo.js"),
    "drill",
    "--scenario",
    "curie-thin-pump",
    "--serve",
    ...process.argv.slice(2),
  ],
  {
    cwd: root,
    stdio: "inherit",
  },
);
// The terminal's Ctrl-C reaches the drill itself; we wait for it to clean up.
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => drill.kill(signal));
// npm runs us through a shell that dies without a word when npm is ended: nobody would be left to stop the drill.
const parent = process.ppid;
if (process.env.npm_lifecycle_event === "start")
  setInterval(() => process.ppid !== parent && drill.kill("SIGTERM"), 500).unref();
drill.on("exit", (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
