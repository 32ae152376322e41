import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** Size of the module, and in processes of their own: time from the import to an open engine, and how soon it is fast. */
export function measureStart() {
  const runs = Array.from({ length: 9 }, () =>
    JSON.parse(
      execFileSync(process.execPath, [fileURLToPath(new URL("startOnce.mjs", import.meta.url))], { encoding: "utf8" }),
    ),
  );
  const best = (field) => Number(Math.min(...runs.map((run) => run[field])).toFixed(1));
  const middle = (field) =>
    Number(
      runs
        .map((run) => run[field])
        .sort((a, b) => a - b)[4]
        .toFixed(2),
    );
  return {
    wasmBytes: runs[0].wasmBytes,
    readyMs: middle("readyMs"),
    readyMsLeast: best("readyMs"),
    readyCpuMs: middle("readyCpuMs"),
    fullSpeedMs: middle("fullSpeedMs"),
    firstShare: middle("firstShare"),
  };
}
