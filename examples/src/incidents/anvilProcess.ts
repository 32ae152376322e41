import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const ARCHITECTURES: Record<string, string> = { x64: "amd64", arm64: "arm64" };

/** A running anvil. `close` resolves when the process has ended. */
export interface AnvilProcess {
  rpcUrl: string;
  close(): Promise<void>;
}

/**
 * Starts anvil with `args` on a free port of 127.0.0.1 and resolves when it listens.
 * Throws `AnvilNotStarted` with anvil's own words when it ends before that.
 */
export async function startAnvilProcess(args: readonly string[]): Promise<AnvilProcess> {
  const child = spawn(anvilBinary(), ["--host", "127.0.0.1", "--port", "0", ...args], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  // A parent that ends without calling close must not leave a node behind.
  const killWithParent = () => child.kill("SIGKILL");
  process.once("exit", killWithParent);
  const rpcUrl = `http://${await listenAddress(child)}`;
  return {
    rpcUrl,
    async close() {
      process.off("exit", killWithParent);
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
    },
  };
}

// `.bin/anvil` is a Node wrapper; a kill would reach the wrapper and leave the node running.
function anvilBinary(): string {
  const fromAnvil = createRequire(createRequire(import.meta.url).resolve("@foundry-rs/anvil/package.json"));
  const platform = process.platform === "win32" ? "win32" : process.platform;
  const name = `@foundry-rs/anvil-${platform}-${ARCHITECTURES[process.arch] ?? process.arch}`;
  const executable = process.platform === "win32" ? "anvil.exe" : "anvil";
  return join(dirname(fromAnvil.resolve(`${name}/package.json`)), "bin", executable);
}

function listenAddress(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = "";
    let isListening = false;
    const hear = (chunk: Buffer) => {
      if (isListening) return;
      said += chunk.toString();
      const address = /Listening on (\S+)/.exec(said)?.[1];
      if (address === undefined) return;
      isListening = true;
      resolve(address);
    };
    // Both pipes are read to the end of the process: a full pipe would block anvil.
    child.stdout?.on("data", hear);
    child.stderr?.on("data", hear);
    child.once("error", (cause) => reject(new AnvilNotStarted(said, cause)));
    child.once("exit", () => reject(new AnvilNotStarted(said)));
  });
}

/** Anvil ended before it listened. */
export class AnvilNotStarted extends Error {
  constructor(said: string, cause?: unknown) {
    super(
      [
        `anvil ended before it listened; it said ${JSON.stringify(said.trim())}.`,
        "- Its binary comes with the npm package @foundry-rs/anvil for this platform.",
        "- Run npm install again, with optional dependencies and install scripts allowed.",
      ].join("\n"),
      { cause },
    );
    this.name = "AnvilNotStarted";
  }
}
