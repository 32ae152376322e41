import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { forgeBinary, packageDir } from "../../contracts/scripts/forge.mjs";
import { fileOf } from "./worlds.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
// Time that a process was given, not that which passed: whatever else runs on the machine takes of the second alone.
const timed = 'TIMEFORMAT="%U %S"; time "$0" "$@" 2>&1';

/** Seconds of the processor that `forge test` takes for one test, on one thread; throws where the test fails. */
export function forgeTime(test, { name, at, handler }, settings) {
  const env = {
    ...process.env,
    FOUNDRY_CONFIG: `${root}bench/evm/foundry.toml`,
    FOUNDRY_SOLC: `${packageDir}/scripts/solcShim.mjs`,
    FOUNDRY_OFFLINE: "true",
    BENCH_WORLD: fileOf(name),
    BENCH_HANDLER: handler,
    BENCH_TIMESTAMP: String(at.timestamp),
    BENCH_NUMBER: String(at.number),
    ...settings,
  };
  const args = ["-c", timed, forgeBinary(), "test", "--match-test", test, "-j", "1", "--color", "never"];
  const said = runBash(args, env);
  if (!/1 passed; 0 failed/.test(said.stdout))
    throw new Error(`forge fails at ${test} on ${name}.\n${said.stdout.slice(-2_000)}`);
  return { seconds: said.seconds, said: said.stdout };
}

function runBash(args, env) {
  const both = execFileSync("bash", ["-c", `{ ${args[1].replace("2>&1", "2>/dev/null")}; } 2>&1`, ...args.slice(2)], {
    cwd: root,
    env,
    encoding: "utf8",
    maxBuffer: 1 << 26,
  });
  const lines = both.trimEnd().split("\n");
  const [user, system] = lines.pop().split(" ").map(Number);
  return { stdout: lines.join("\n"), seconds: user + system };
}
