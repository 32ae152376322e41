import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";

/** The contenders in the order they take turns: what is compared stands side by side, for a machine that is not ours alone. */
export const contenders = [
  { key: "bareLogs", name: "bare JSON-RPC loop, logs" },
  { key: "testudoLogs", name: "Testudo, log-scope detectors" },
  { key: "ponder", name: "Ponder 0.16.6 on PGlite" },
  { key: "forta", name: "forta-agent 0.1.48, no traces" },
  { key: "testudoAll", name: "Testudo, all detectors with traces" },
  { key: "bareTraces", name: "bare JSON-RPC loop, logs and traces" },
  { key: "bareState", name: "bare JSON-RPC loop, logs, traces and state" },
  { key: "fortaTraces", name: "forta-agent 0.1.48 with trace_block" },
  { key: "fortaState", name: "forta-agent 0.1.48 with trace_block and a bot that reads state" },
];

/**
 * Lets every contender scan the same blocks once a round, one after the other; the first round warms up and is not in
 * the result. Returns the kept results by contender. Throws when one did not see all events.
 */
export async function runBackScan(load, { rounds, only, profileDir, signal, onResult }) {
  const active = contenders.filter(({ key }) => only === undefined || only.includes(key));
  const processes = new Map(active.map(({ key }) => [key, start(key, profileDir)]));
  const results = new Map(active.map(({ key }) => [key, []]));
  try {
    for (let round = 0; round <= rounds; round++)
      for (const { key, name } of active) {
        signal?.throwIfAborted();
        const result = await ask(processes.get(key), name, load);
        if (result.events !== load.events)
          throw new Error(`${name} saw ${result.events} events of ${load.events}: it does not do the same work.`);
        onResult(round, name, result);
        if (round > 0) results.get(key).push(result);
      }
    return results;
  } finally {
    for (const child of processes.values()) if (child.connected) child.disconnect();
  }
}

function start(key, profileDir) {
  const path = fileURLToPath(new URL(`contenders/${key}.mjs`, import.meta.url));
  // forta-agent writes a line for every transaction; nobody pays for reading them.
  const execArgv = profileDir === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${profileDir}`];
  return fork(path, { execArgv, stdio: ["ignore", "ignore", "inherit", "ipc"] });
}

function ask(child, name, load) {
  return new Promise((resolve, reject) => {
    const onExit = (code) => reject(new Error(`${name} ended with code ${code}.`));
    child.once("exit", onExit);
    child.once("message", (reply) => {
      child.off("exit", onExit);
      if (reply.ok) resolve(reply);
      else reject(new Error(`${name} failed: ${reply.error}`));
    });
    child.send(load);
  });
}
