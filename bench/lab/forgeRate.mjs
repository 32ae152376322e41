import { execFileSync } from "node:child_process";
import { forgeBinary, packageDir } from "../../contracts/scripts/forge.mjs";

// Time that the process was given, not that which passed: other work on the machine takes of the second alone.
const timed = 'TIMEFORMAT="%U %S"; { time "$0" "$@" >/dev/null 2>&1; } 2>&1';
const depth = 500;

/** Calls a second of processor time that forge's invariant runner makes; its start is taken off by a run of one sequence. */
export function forgeRate(folder, runs) {
  // The first run compiles.
  secondsOf(folder, 1);
  const few = secondsOf(folder, 1);
  const many = secondsOf(folder, runs + 1);
  return { calls: runs * depth, rate: (runs * depth) / (many - few) };
}

function secondsOf(folder, runs) {
  const env = {
    ...process.env,
    FOUNDRY_SOLC: `${packageDir}/scripts/solcShim.mjs`,
    FOUNDRY_OFFLINE: "true",
    FOUNDRY_INVARIANT_RUNS: String(runs),
    FOUNDRY_INVARIANT_DEPTH: String(depth),
    FOUNDRY_FUZZ_SEED: "0x7e57",
  };
  const args = ["-c", timed, forgeBinary(), "test", "--match-test", "invariant_holds", "-j", "1"];
  const said = execFileSync("bash", args, { cwd: folder, env, encoding: "utf8" });
  const [user, system] = said.trim().split(" ").map(Number);
  return user + system;
}
