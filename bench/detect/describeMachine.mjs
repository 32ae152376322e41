import { execFileSync } from "node:child_process";
import { cpus, loadavg, totalmem } from "node:os";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Where and of what the figures are: command, day, commit, machine, and what else ran there. */
export function describeMachine(args, loadBefore, script = "bench:detect") {
  const textOf = (loads) => loads.map((load) => load.toFixed(2)).join(", ");
  return {
    command: [`npm run ${script}`, ...(args.length > 0 ? ["--", ...args] : [])].join(" "),
    date: new Date().toISOString().slice(0, 10),
    commit: commitOf(),
    node: process.versions.node,
    cpus: cpus().length,
    cpuModel: cpus()[0]?.model ?? "unknown",
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    loadBefore: textOf(loadBefore),
    loadAfter: textOf(loadavg()),
  };
}

/** The commit that is checked out, with `+` where files differ from it; "unknown" without git. */
export function commitOf() {
  const git = (...args) =>
    execFileSync("git", args, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  try {
    const isClean = git("status", "--porcelain", "--untracked-files=no").trim() === "";
    return `${git("rev-parse", "--short", "HEAD").trim()}${isClean ? "" : "+"}`;
  } catch {
    return "unknown";
  }
}
