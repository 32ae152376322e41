// How a watch begins and ends when something is not as it should be.
import { writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { type Anvil, startAnvil } from "@testudo/chain/fork/startAnvil";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { openWatches, type Watches } from "./watchProcess.testkit.ts";

const vault = `0x${"5a".repeat(20)}`;
const mistyped = "0xaBaBaBaBABabABabAbAbABAbABabababaBaBABaB";
let first: Anvil;
let second: Anvil;
let stranger: Anvil;
let watches: Watches;

beforeAll(async () => {
  // With one genesis time the two make the same blocks.
  const same = { timestamp: 1_700_000_000, noMining: true } as const;
  [first, second, stranger] = await Promise.all([startAnvil(same), startAnvil(same), startAnvil({ chainId: 5 })]);
  for (const { url } of [first, second, stranger]) await ask(url, "anvil_setCode", vault, "0x6001600155");
  for (const time of [1_700_000_010, 1_700_000_020, 1_700_000_030])
    for (const { url } of [first, second]) await ask(url, "evm_mine", time);
});
afterAll(async () => {
  for (const anvil of [first, second, stranger]) await anvil?.stop();
});
beforeEach(() => {
  watches = openWatches();
});
afterEach(() => watches.close());

async function ask(url: string, method: string, ...params: unknown[]): Promise<unknown> {
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
  const answer = await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body });
  return ((await answer.json()) as { result: unknown }).result;
}

const start = (...args: string[]) => watches.start(["watch", "--protect", vault, "--port", "0", ...args]);

test("behavior: nothing new to read is told too, and Ctrl-C ends a watch with 0", async () => {
  const watch = start("--rpc", first.url, "--history", "0");
  await watch.until(/^Watching\. 0 blocks of history/m);
  expect(watch.err()).toContain("Begins with a history of 0 blocks");
  watch.kill("SIGINT");
  expect(await watch.ended).toBe(0);
});

test("behavior: who has watched before goes on there, without a word of history", async () => {
  const watch = start("--rpc", first.url);
  await watch.until(/^Watching\./m);
  watch.kill("SIGINT");
  await watch.ended;
  const next = start("--rpc", first.url);
  await next.until(/^Goes on after block 3, where an earlier run ended\./m);
  expect(next.err()).not.toContain("history of");
});

test("behavior: two nodes make a quorum, and one that dies is told while the watch goes on", async () => {
  const watch = start("--rpc", first.url, second.url);
  await watch.until(/^Watching\./m);
  expect(watch.err()).not.toContain("Quorum 1");
  await second.stop();
  await watch.until(/cannot be reached/, 20_000);
  const [, api] = await watch.until(/^Health (\S+)\/healthz/m);
  await ask(first.url, "evm_mine");
  const mined = BigInt((await ask(first.url, "eth_blockNumber")) as string);
  await expect.poll(async () => (await statusOf(api!)).head?.number, { timeout: 15_000 }).toBe(`${mined}`);
  watch.kill("SIGTERM");
  expect(await watch.ended).toBe(0);
});

test("behavior: a node that is dead from the beginning is told, and the other one is watched", async () => {
  const watch = start("--rpc", "http://127.0.0.1:9", first.url, "--history", "0");
  await watch.until(/^Watching\./m);
  expect(watch.err()).toContain("Node http://127.0.0.1:9 cannot be reached");
});

test("error: a second watch on the same folder, a file as the folder and a taken port are told before a node is asked", async () => {
  let asked = 0;
  const [node, taken] = [createServer(() => void asked++), createServer()];
  for (const server of [node, taken]) await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const [nodePort, takenPort] = [node, taken].map((server) => (server.address() as AddressInfo).port);
  const rpc = `http://127.0.0.1:${nodePort}`;
  const watch = start("--rpc", first.url, "--history", "0");
  await watch.until(/^Watching\./m);
  const file = join(watches.folder, "file");
  writeFileSync(file, "mine");
  for (const [args, text] of [
    [["--port", "0"], /error: Data folder ".*" is in use by process \d+\.\n- One process at a time/],
    [
      ["--port", "0", "--data", file],
      /error: Data folder ".*file" is no folder\.\n- Allowed: a folder of this account/,
    ],
    [["--port", `${takenPort}`, "--data", "other"], new RegExp(`error: Port ${takenPort} on 127.0.0.1 is in use`)],
  ] as const) {
    const other = watches.start(["watch", "--rpc", rpc, "--protect", vault, ...args]);
    expect(await other.ended).toBe(1);
    expect(other.err()).toMatch(text);
  }
  expect(asked).toBe(0);
  for (const server of [node, taken]) server.close();
});

test.each([
  ["no arguments", () => [], 2, "watch does not know what to watch."],
  ["no address", () => ["--rpc", first.url, "--protect", "0x12"], 2, '--protect "0x12" is no address.'],
  ["an address without code", () => ["--rpc", first.url, "--protect", `0x${"77".repeat(20)}`], 1, "is no contract"],
  ["an empty address", () => ["--rpc", first.url, "--protect", ""], 2, '--protect "" names no address.'],
  ["only a comma", () => ["--rpc", first.url, "--protect", ","], 2, '--protect "," names no address.'],
  ["a wrong checksum", () => ["--rpc", first.url, "--protect", mistyped], 2, "has a wrong checksum."],
  ["one node twice", () => ["--rpc", first.url, `${first.url}/`, "--protect", vault], 2, "is given twice"],
  [
    "one node under two names",
    () => ["--rpc", first.url, first.url.replace("127.0.0.1", "localhost"), "--protect", vault],
    2,
    "is given twice: it is",
  ],
  ["another chain", () => ["--rpc", first.url, stranger.url, "--protect", vault], 2, "on different chains"],
  ["nobody there", () => ["--rpc", "http://127.0.0.1:9", "--protect", vault], 1, "cannot be reached"],
])("error: %s", async (_, args, code, text) => {
  const watch = watches.start(["watch", "--port", "0", ...args()]);
  expect({ code: await watch.ended, out: watch.out() }).toEqual({ code, out: "" });
  expect(watch.err()).toContain(text);
  expect(watch.err()).not.toMatch(/\n\s+at /);
});

test("TRIAL-03: a node of another chain than `remotes` names it for ends the start with 2; one that is away is told", async () => {
  const begin = (...remotes: readonly string[]) => {
    const fields = `rpc: ["${first.url}"], protect: ["${vault}"], remotes: [${remotes.join(", ")}]`;
    const text = `import { defineConfig } from "testudo";\nexport default defineConfig({ ${fields} });`;
    writeFileSync(join(watches.folder, "far.config.ts"), text);
    return watches.start(["watch", "--config", join(watches.folder, "far.config.ts"), "--port", "0", "--history", "0"]);
  };
  const wrong = begin(`{ chainId: 10, rpc: ["${stranger.url}"] }`);
  expect({ code: await wrong.ended, out: wrong.out() }).toEqual({ code: 2, out: "" });
  expect(wrong.err()).toContain(`The node ${stranger.url} is on chain 5, and \`remotes\` names it for chain 10.`);
  const right = begin(`{ chainId: 5, rpc: ["${stranger.url}"] }`, '{ chainId: 10, rpc: ["http://127.0.0.1:9"] }');
  await right.until(/^Watching\./m);
  expect(right.err()).toContain("Of chain 10 (`remotes`): Node http://127.0.0.1:9 cannot be reached");
});

test.each([
  ["no URL", "notaurl", '--webhook "notaurl" is no URL.', "Allowed: http://… or https://…"],
  ["another scheme", "ftp://x", '--webhook "ftp://x" is no URL.', "Allowed: http://… or https://…"],
  [
    "no TLS",
    "http://x",
    '--webhook "http://x" would send alerts in the clear, or names a login.',
    "Put TLS in front of the receiver.",
  ],
  ["a wrong secret", "https://x", "TESTUDO_WEBHOOK_SECRET is no signing secret.", "randomBytes(32)"],
])("error: a webhook with %s ends with 2 and the way out", async (_, url, what, wayOut) => {
  const args = ["watch", "--rpc", first.url, "--protect", vault, "--webhook", url];
  const watch = watches.start(args, { TESTUDO_WEBHOOK_SECRET: "hunter2" });
  expect(await watch.ended).toBe(2);
  expect(watch.err()).toContain(`error: ${what}\n- `);
  expect(watch.err()).toContain(wayOut);
  expect(watch.err()).not.toContain("hunter2");
});

test("behavior: kill finds the watch of the configuration here (RESP-07)", async () => {
  const text = `import { defineConfig } from "testudo";
export default defineConfig({ rpc: ["${first.url}"], protect: ["${vault}"], dataDir: "elsewhere" });`;
  writeFileSync(join(watches.folder, "testudo.config.ts"), text);
  const watch = watches.start(["watch", "--config", "testudo.config.ts", "--history", "0", "--port", "0"]);
  await watch.until(/^Watching\./m);
  expect(await watches.start(["kill", "--reason", "test"]).ended).toBe(0);
  const [, api] = await watch.until(/^Health (\S+)\/healthz/m);
  await expect.poll(async () => (await statusOf(api!)).mode, { timeout: 15_000 }).toBe("killed");
});

interface Status {
  readonly mode: string;
  readonly head: { readonly number: string } | null;
}

async function statusOf(api: string): Promise<Status> {
  return (await (await fetch(`${api}/status`)).json()) as Status;
}

test("STREAM-15: with a node's socket a block is judged long before it would be asked for; a socket that is gone is told without its key", async () => {
  const anvil = await startAnvil({ noMining: true });
  try {
    await ask(anvil.url, "anvil_setCode", vault, "0x6001600155");
    await ask(anvil.url, "anvil_mine", "0x3");
    const sockets = [anvil.url.replace("http", "ws"), "ws://anna:hunter2@127.0.0.1:1/v2/0123456789abcdef0123"];
    const imported = 'import { defineConfig } from "testudo";\n';
    const watched = `{ rpc: ["${anvil.url}"], heads: ${JSON.stringify(sockets)}, protect: ["${vault}"], pollMs: 60_000 }`;
    writeFileSync(join(watches.folder, "testudo.config.ts"), `${imported}export default defineConfig(${watched});`);
    const watch = watches.start(["watch", "--config", "testudo.config.ts", "--port", "0"]);
    const [, url] = await watch.until(/Health (\S+)\/healthz/);
    await watch.until(/^Watching\./m);
    await watch.until(/127\.0\.0\.1:1\/v2\/… tells no heads: connect ECONNREFUSED/);
    const headOf = async () => Number(((await (await fetch(`${url}/status`)).json()) as Status).head?.number ?? -1);
    const endMs = Date.now() + 30_000;
    // What is mined before the subscription stands is not told of.
    while ((await headOf()) < 5) {
      expect(Date.now()).toBeLessThan(endMs);
      await ask(anvil.url, "anvil_mine", "0x1");
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    expect(watch.out() + watch.err()).not.toMatch(/hunter2|0123456789abcdef/);
    expect(await (await fetch(`${url}/status`)).text()).not.toMatch(/hunter2|0123456789abcdef/);
  } finally {
    await anvil.stop();
  }
});
