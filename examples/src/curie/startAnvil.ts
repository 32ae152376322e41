import { type ChildProcess, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { createServer } from "node:net";

/** A local chain in a child process. */
export type Anvil = { readonly rpcUrl: string; readonly stop: () => Promise<void> };

const require = createRequire(import.meta.url);
// A fixed first block: with the timestamp interval it makes every block's hash a function of the seed.
const genesisSeconds = 1_750_000_000;

/** Starts anvil without automatic mining on a free port of 127.0.0.1. Resolves when it answers; throws after 10 s. */
export async function startAnvil(): Promise<Anvil> {
  const port = await findFreePort();
  const args = ["--port", `${port}`, "--timestamp", `${genesisSeconds}`, "--no-mining", "--silent", "--accounts", "1"];
  const child = spawn(anvilBinary(), args, { stdio: "ignore" });
  const rpcUrl = `http://127.0.0.1:${port}`;
  await waitUntilUp(rpcUrl, child);
  return { rpcUrl, stop: () => stopChild(child) };
}

// `.bin/anvil` is a Node wrapper that a kill would not reach through; the binary itself sits in a platform package.
function anvilBinary(): string {
  const arch = process.arch === "x64" ? "amd64" : process.arch;
  const file = process.platform === "win32" ? "anvil.exe" : "anvil";
  return require.resolve(`@foundry-rs/anvil-${process.platform}-${arch}/bin/${file}`);
}

function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = typeof address === "object" && address ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

async function waitUntilUp(rpcUrl: string, child: ChildProcess): Promise<void> {
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "eth_chainId", params: [] });
  for (let attempt = 0; attempt < 100 && child.exitCode === null; attempt++) {
    const up = await fetch(rpcUrl, { method: "POST", headers: { "content-type": "application/json" }, body }).catch(
      () => null,
    );
    if (up?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  child.kill("SIGKILL");
  throw new AnvilStartError(rpcUrl, child.exitCode);
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  child.kill("SIGTERM");
  await ended;
}

/** Anvil did not answer in time. */
export class AnvilStartError extends Error {
  override readonly name = "AnvilStartError";
  constructor(rpcUrl: string, exitCode: number | null) {
    super(
      `Anvil at ${rpcUrl} did not answer within 10 s (exit code ${exitCode ?? "none, still running"}).\n` +
        "- It must answer eth_chainId.\n" +
        "- Run `npm install` for its platform package, and check that the port is free.",
    );
  }
}
