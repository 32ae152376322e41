// Ctrl-C, wherever the program stands.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { childrenOf, isAlive } from "../processes.testkit.ts";
import { openWatches, type Watches } from "../watchProcess.testkit.ts";

const server = fileURLToPath(new URL("../../", import.meta.url));
let watches: Watches;
beforeEach(() => {
  watches = openWatches();
});
afterEach(() => watches.close());

// Below the time limit of a question to a node, which must not hold the process; a busy machine needs some of it.
const promptMs = 20_000;

// Only /proc tells who started whom.
// The protocol's deployment takes 33 blocks, and the chapter's own 18 come after them.
test.skipIf(process.platform !== "linux").each([
  ["deploying", 0],
  ["its blocks are made", 34],
])("behavior: Ctrl-C in the chapter without defence ends the drill while %s, and its chain", async (_, block) => {
  const drill = watches.start(["drill", "--seed", "3"]);
  await drill.until(/Without defence/);
  await expect.poll(() => childrenOf(drill.pid).length, { timeout: 120_000, interval: 20 }).toBeGreaterThan(0);
  const children = childrenOf(drill.pid);
  if (block > 0)
    await expect.poll(() => heightOf(children[0]!), { timeout: 120_000, interval: 20 }).toBeGreaterThan(block);
  const sentAt = Date.now();
  drill.kill("SIGINT");
  expect(await drill.ended).toBe(1);
  expect(Date.now() - sentAt).toBeLessThan(promptMs);
  expect(drill.err()).toContain("error: The drill did not come to its end: it was stopped.");
  expect(drill.out()).not.toMatch(/lost without defence|With Testudo/);
  await expect.poll(() => children.filter(isAlive), { timeout: 5_000 }).toEqual([]);
});

/** The height of the chain of anvil's process `pid`, -1 while it does not answer. */
async function heightOf(pid: number): Promise<number> {
  const [, port] = /--port\0(\d+)/.exec(readFileSync(`/proc/${pid}/cmdline`, "utf8")) ?? [];
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "eth_blockNumber", params: [] });
  try {
    const headers = { "content-type": "application/json" };
    const answer = await fetch(`http://127.0.0.1:${port}`, { method: "POST", headers, body });
    return Number(((await answer.json()) as { result: string }).result);
  } catch {
    // It does not listen yet.
    return -1;
  }
}

test("behavior: Ctrl-C ends a watch whose node takes the question and never answers", async () => {
  const silent = createServer(() => undefined);
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  const asked = new Promise((resolve) => silent.once("connection", resolve));
  const { port } = silent.address() as { port: number };
  const watch = watches.start(["watch", "--rpc", `http://127.0.0.1:${port}`, "--protect", `0x${"5a".repeat(20)}`]);
  await asked;
  watch.kill("SIGINT");
  // Had it waited for the node, it would have ended with 1.
  expect({ code: await watch.ended, err: watch.err() }).toEqual({ code: 0, err: "" });
  silent.close();
});

test("behavior: the second Ctrl-C ends at once with 130, and the nodes with it; one that comes twice is one", async () => {
  const program = `
    import { startAnvil } from "@testudo/chain/fork/startAnvil";
    import { stopSignal } from "testudo/cli/terminal/stopSignal";
    stopSignal().addEventListener("abort", () => console.log("stopping"));
    const { pid } = await startAnvil();
    console.log("node " + pid);
    setInterval(() => undefined, 1_000);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", program], { cwd: server });
  let out = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    out += text;
  });
  const ended = new Promise<unknown>((resolve) => child.once("close", (code, signal) => resolve(code ?? signal)));
  await expect.poll(() => out, { timeout: 120_000 }).toMatch(/node \d+/);
  const node = Number(/node (\d+)/.exec(out)![1]);
  child.kill("SIGINT");
  await expect.poll(() => out, { timeout: 10_000 }).toContain("stopping");
  child.kill("SIGINT");
  await new Promise((resolve) => setTimeout(resolve, 700));
  expect([child.exitCode, isAlive(node)]).toEqual([null, true]);
  child.kill("SIGINT");
  expect(await ended).toBe(130);
  await expect.poll(() => isAlive(node), { timeout: 5_000 }).toBe(false);
});
