import { createServer } from "node:net";
import { childrenOf, isAlive } from "./processes.testkit.ts";
import { openWatches, type Running } from "./watchProcess.testkit.ts";

/** The port of the drill's chain, which is fixed with --serve. */
export const chainPort = 8545;

/** A drill that went on serving, was looked at, and was ended by SIGTERM. */
export interface ServedDrill {
  readonly code: number | NodeJS.Signals;
  readonly stdout: string;
  readonly stderr: string;
  readonly healthz: unknown;
  readonly eventsType: string | null;
  /** The beginning of the feed. */
  readonly events: string;
  /** Processes that it had started and that outlived it. */
  readonly left: readonly number[];
}

/** Runs `testudo drill --serve` with `args` on a free port, and asks it after its scorecard. */
export async function playServed(args: readonly string[]): Promise<ServedDrill> {
  const watches = openWatches();
  try {
    const drill = watches.start(["drill", ...args, "--serve", "--port", `${await freePort()}`]);
    return await lookAt(drill);
  } finally {
    await watches.close();
  }
}

async function lookAt(drill: Running): Promise<ServedDrill> {
  const [, url] = await drill.until(/health at (\S+)\/healthz/, 340_000);
  const healthz = await healthOf(url!);
  const feed = await fetch(`${url}/events?after=0`);
  const reader = feed.body!.getReader();
  let events = "";
  while (!events.includes("data:")) events += Buffer.from((await reader.read()).value ?? []).toString("utf8");
  await reader.cancel();
  const children = childrenOf(drill.pid);
  drill.kill("SIGTERM");
  const code = await drill.ended;
  const eventsType = feed.headers.get("content-type");
  return {
    code,
    stdout: drill.out(),
    stderr: drill.err(),
    healthz,
    eventsType,
    events,
    left: await outliving(children),
  };
}

// On a busy machine a node may count as away for a moment; what is asked is how it stands then.
async function healthOf(url: string): Promise<unknown> {
  for (let attempt = 1; ; attempt += 1) {
    const answer = await fetch(`${url}/healthz`);
    const body = await answer.json();
    if (answer.ok || attempt === 20) return body;
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
}

async function outliving(pids: readonly number[]): Promise<readonly number[]> {
  const deadline = Date.now() + 10_000;
  while (pids.some(isAlive) && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 50));
  return pids.filter(isAlive);
}

/** Whether `port` of 127.0.0.1 can be listened on. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}
