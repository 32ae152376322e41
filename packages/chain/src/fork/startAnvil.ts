import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { redactUrlsIn } from "../rpc/redactUrl.ts";
import { binaryOf } from "./binaryOf.ts";

/** How anvil is started. What is left out is anvil's own default. */
export interface AnvilOptions {
  /** A free port is taken when this is left out. */
  readonly port?: number;
  /** Default 127.0.0.1: a development node signs for anyone who reaches it. */
  readonly host?: string;
  /** A block every so many seconds. Without it and without `noMining`, each transaction makes a block. */
  readonly blockTimeSeconds?: number;
  /** Blocks are made by `evm_mine` only. */
  readonly noMining?: boolean;
  /** Time of the genesis block, Unix seconds. */
  readonly timestamp?: number;
  readonly forkUrl?: string;
  readonly forkBlock?: bigint;
  readonly chainId?: number;
  /** Number of funded accounts. */
  readonly accounts?: number;
  readonly mnemonic?: string;
  readonly args?: readonly string[];
  /** How long anvil may take to listen. Default 30 s; a fork asks its origin first. */
  readonly startTimeoutMs?: number;
}

/** A running anvil. `stop` resolves when the process has ended; a second call does nothing. */
export interface Anvil {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Whether the process still runs. */
  isAlive(): boolean;
  stop(): Promise<void>;
}

/**
 * Starts anvil as a child process and resolves when it listens. The process ends with this one.
 * Throws `PortTaken`, or `AnvilNotStarted` with the last lines that anvil wrote.
 */
export async function startAnvil(options: AnvilOptions = {}): Promise<Anvil> {
  const host = options.host ?? "127.0.0.1";
  if (options.port !== undefined) return launch(options, host, options.port);
  for (let attempt = 1; ; attempt++) {
    try {
      return await launch(options, host, await freePort(host));
    } catch (error) {
      // Somebody took the free port before anvil did; nobody asked for this very port.
      if (!(error instanceof PortTaken) || attempt === 3) throw error;
    }
  }
}

async function launch(options: AnvilOptions, host: string, port: number): Promise<Anvil> {
  await assertFree(host, port);
  const folder = mkdtempSync(join(tmpdir(), "testudo-anvil-"));
  const proof = join(folder, "started.json");
  try {
    // A process group of its own: Ctrl-C in the terminal reaches the owner, who stops the node in its order.
    const child = spawn(binaryOf("anvil"), argumentsOf(options, host, port, proof), {
      stdio: ["ignore", "ignore", "pipe"],
      detached: process.platform !== "win32",
    });
    endWithParent(child);
    if (child.pid !== undefined && process.platform !== "win32") outliveNot(child, child.pid);
    const tail = tailOf(child);
    await untilStarted(child, proof, options.startTimeoutMs ?? 30_000, (why) =>
      /address already in use/i.test(tail()) ? new PortTaken(host, port) : new AnvilNotStarted(why, tail()),
    );
    return {
      url: `http://${host.includes(":") ? `[${host}]` : host}:${port}`,
      port,
      pid: child.pid!,
      isAlive: () => !hasEnded(child),
      stop: () => stopChild(child),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function argumentsOf(o: AnvilOptions, host: string, port: number, proof: string): string[] {
  const args = ["--silent", "--host", host, "--port", `${port}`, "--config-out", proof];
  const add = (flag: string, value: string | number | bigint | undefined) => {
    if (value !== undefined) args.push(flag, `${value}`);
  };
  add("--block-time", o.blockTimeSeconds);
  if (o.noMining === true) args.push("--no-mining");
  add("--timestamp", o.timestamp);
  add("--fork-url", o.forkUrl);
  add("--fork-block-number", o.forkBlock);
  add("--chain-id", o.chainId);
  add("--accounts", o.accounts);
  add("--mnemonic", o.mnemonic);
  return [...args, ...(o.args ?? [])];
}

// anvil writes this file after it has bound the port. An answer on the port would not tell whose it is.
async function untilStarted(
  child: ChildProcess,
  proof: string,
  timeoutMs: number,
  failure: (why: string) => Error,
): Promise<void> {
  let spawnError: Error | undefined;
  child.once("error", (error) => {
    spawnError = error;
  });
  const end = performance.now() + timeoutMs;
  while (!isWritten(proof)) {
    if (spawnError !== undefined) throw failure(spawnError.message);
    if (hasEnded(child)) {
      // The pipe may still hold anvil's last words.
      await new Promise((resolve) => setTimeout(resolve, 50));
      throw failure(`ended with code ${child.exitCode ?? child.signalCode}`);
    }
    if (performance.now() > end) {
      await stopChild(child);
      throw failure(`did not listen within ${timeoutMs} ms`);
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function isWritten(path: string): boolean {
  try {
    return readFileSync(path, "utf8").trimEnd().endsWith("}");
  } catch {
    return false;
  }
}

function tailOf(child: ChildProcess): () => string {
  let tail = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    tail = (tail + text).slice(-2000);
  });
  return () => redactUrlsIn(tail.trim());
}

const running = new Set<ChildProcess>();
const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

// A parent that ends, in whatever way it can notice, leaves no node behind.
function endWithParent(child: ChildProcess): void {
  if (running.size === 0) {
    process.once("exit", killAll);
    for (const signal of signals) process.on(signal, onSignal);
  }
  running.add(child);
  child.once("exit", () => {
    running.delete(child);
    if (running.size > 0) return;
    process.off("exit", killAll);
    for (const signal of signals) process.off(signal, onSignal);
  });
}

// A parent that is killed outright cannot kill its node. This shell waits at the end of a pipe whose other end only the
// parent holds: when the pipe closes, however that came about, it ends the node.
function outliveNot(child: ChildProcess, pid: number): void {
  const guard = spawn("/bin/sh", ["-c", 'read -r _; kill -9 "$1"', "sh", `${pid}`], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  // Without a shell the node is still ended in all the ways that the parent can notice.
  guard.on("error", () => {});
  guard.stdin?.on("error", () => {});
  guard.unref();
  (guard.stdin as unknown as { unref?: () => void } | null)?.unref?.();
  // First the guard: a process id may be given to somebody else once the node is gone.
  child.once("exit", () => guard.kill("SIGKILL"));
}

function killAll(): void {
  for (const child of running) child.kill("SIGKILL");
}

// Whoever else listens for the signal decides when to end. If nobody does, the signal keeps its usual meaning.
function onSignal(signal: NodeJS.Signals): void {
  if (process.listenerCount(signal) > 1) return;
  killAll();
  process.off(signal, onSignal);
  process.kill(process.pid, signal);
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (hasEnded(child) || child.pid === undefined) return;
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  child.kill("SIGTERM");
  const force = setTimeout(() => child.kill("SIGKILL"), 2_000);
  await ended;
  clearTimeout(force);
}

function assertFree(host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) =>
      reject(error.code === "EADDRINUSE" || error.code === "EACCES" ? new PortTaken(host, port, error) : error),
    );
    server.listen(port, host, () => server.close(() => resolve()));
  });
}

function freePort(host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, host, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

/** Somebody else listens on the port that was asked for. */
export class PortTaken extends Error {
  override readonly name = "PortTaken";
  constructor(host: string, port: number, cause?: unknown) {
    super(
      [
        `Port ${port} of ${host} is taken.`,
        "- A local chain needs a port of its own, and one above 1023 without special rights.",
        "- Stop what listens there, or name another port.",
      ].join("\n"),
      { cause },
    );
  }
}

/** anvil ended, or did not listen in time. */
export class AnvilNotStarted extends Error {
  override readonly name = "AnvilNotStarted";
  constructor(why: string, tail: string) {
    super(
      [
        `anvil ${why}. Its last words: ${JSON.stringify(tail)}.`,
        "- A fork needs a node that answers at its URL.",
        "- Check the options that anvil names, and that this machine has memory left.",
      ].join("\n"),
    );
  }
}
