// `npm test`: installs, builds, checks and runs every suite; the last line counts over all runners together.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { setPriority } from "node:os";
import { join, relative } from "node:path";
import { build } from "./build.mjs";
import { ensureInstalled, root, run } from "./install.mjs";

// Without a way out of its own, what it started would go on.
for (const [signal, code] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
])
  process.once(signal, () => process.exit(code));
ensureInstalled();
// The forge suite needs a processor and nothing else. So it takes what the rest leaves, which waits for blocks and nodes.
const forge = startForge();
build();
run(process.execPath, [join(root, "scripts", "check.mjs")]);
const results = [await runVitest(), await forge.end()];
const total = (key) => results.reduce((sum, result) => sum + result[key], 0);
const failed = total("failed") || (results.every((result) => result.ok) ? 0 : 1);
if (total("passed") === 0) process.stderr.write("No test ran.\n");
// Once more at the end: whoever keeps only the last lines of a log still learns which.
for (const name of results.flatMap((result) => result.names)) process.stdout.write(`FAILED ${name}\n`);
process.stdout.write(`\n${total("passed")} passed, ${failed} failed, ${total("skipped")} skipped\n`);
// Not process.exit: vitest leaves the pipe that we share unblocked, and what is still to be written would be lost.
process.exitCode = failed > 0 || total("passed") === 0 ? 1 : 0;

/** Starts forge's suite at a low priority. `end` prints what it has said and goes on to say, waits for it and counts. */
function startForge() {
  const script = join(root, "contracts", "scripts", "forgeTest.mjs");
  const child = spawn(process.execPath, [script], { cwd: root, stdio: ["ignore", "pipe", "inherit"] });
  process.once("exit", () => child.kill());
  // What it starts has the same priority.
  if (child.pid !== undefined) setPriority(child.pid, 10);
  const closed = once(child, "close");
  let stdout = "";
  let isShown = false;
  child.stdout.setEncoding("utf8").on("data", (chunk) => {
    stdout += chunk;
    if (isShown) process.stdout.write(chunk);
  });
  return {
    end: async () => {
      isShown = true;
      process.stdout.write(stdout);
      const [status] = await closed;
      return countsOf(status, stdout);
    },
  };
}

async function runVitest() {
  const report = join(root, ".cache", "vitest.json");
  mkdirSync(join(root, ".cache"), { recursive: true });
  rmSync(report, { force: true });
  const args = [
    join(root, "node_modules", "vitest", "vitest.mjs"),
    "run",
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${report}`,
  ];
  const child = spawn(process.execPath, [...args, ...process.argv.slice(2)], { cwd: root, stdio: "inherit" });
  process.once("exit", () => child.kill());
  const [status] = await once(child, "close");
  try {
    const result = JSON.parse(readFileSync(report, "utf8"));
    return {
      ok: status === 0,
      passed: result.numPassedTests,
      failed: result.numFailedTests,
      skipped: result.numPendingTests + result.numTodoTests,
      names: result.testResults.flatMap(failedIn),
    };
  } catch {
    return { ok: false, passed: 0, failed: 1, skipped: 0, names: ["vitest, which left no report"] };
  }
}

// A file that does not even load has no tests, and a message of its own.
function failedIn({ name, status, message, assertionResults }) {
  const file = relative(root, name);
  const failed = assertionResults.filter((test) => test.status === "failed");
  if (failed.length === 0) return status === "failed" ? [`${file}: ${message.split("\n")[0]}`] : [];
  return failed.map((test) => `${file}: ${test.fullName}\n  ${test.failureMessages[0]?.split("\n")[0] ?? ""}`);
}

function countsOf(status, stdout) {
  try {
    const { passed, failed, skipped } = JSON.parse(stdout.trim().split("\n").at(-1));
    const names = stdout.split("\n").filter((line) => line.startsWith("[FAIL"));
    return { ok: status === 0, passed, failed, skipped, names: [...new Set(names)] };
  } catch {
    return { ok: false, passed: 0, failed: 1, skipped: 0, names: ["forge, which left no count"] };
  }
}
