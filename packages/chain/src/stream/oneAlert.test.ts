// What a person is told of one thing that happens to a watch: once, and not of what follows from it.
import type { StreamTrouble } from "@testudo/core/model/ChainEvent";
import { afterEach, expect, test } from "vitest";
import { openEndpoint } from "../rpc/rpcEndpoint.ts";
import { type Recording, record, describe as tell } from "../testkit/collect.testkit.ts";
import { type FakeChain, makeChain } from "../testkit/fakeChain.testkit.ts";
import { type FaultyNode, serveCalls, type WireAnswer, type WireCall } from "../testkit/faultyNode.testkit.ts";
import { type WatchOptions, watchBlocks } from "./watchBlocks.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function serve(answer: (call: WireCall) => WireAnswer | Promise<WireAnswer>): Promise<FaultyNode> {
  const node = await serveCalls(answer);
  closers.push(node.close);
  return node;
}

function watch(nodes: readonly FaultyNode[], options: Omit<WatchOptions, "endpoints" | "scopes">): Recording {
  const endpoints = nodes.map(({ url }, i) => openEndpoint(url, { label: `node ${i + 1}`, timeoutMs: 20_000 }));
  const recording = record({ endpoints, scopes: ["L"], ...options });
  closers.push(() => recording.stop(), ...endpoints.map(({ close }) => close));
  return recording;
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const atHead = (chain: FakeChain) => (r: Recording) => r.known.at(-1)?.hash === chain.blocks.at(-1)?.hash;
const saw = (text: string) => (r: Recording) => r.troubles.some((t) => tell(t).startsWith(text));
const aloud = ({ troubles }: Recording) =>
  troubles.filter((t) => t.quiet !== true && t.trouble !== "recovered").map(tell);
const silently = ({ troubles }: Recording) => troubles.filter((t) => t.quiet === true).map(tell);

/** Mines `count` blocks, one each `everyMs`. */
async function mineOn(chain: FakeChain, count: number, everyMs = 60): Promise<void> {
  for (let i = 0; i < count; i++) {
    chain.mine(1);
    await pause(everyMs);
  }
}

test.each([
  [2, 1, ""],
  [2, 2, " (freeze)"],
  [3, 2, ""],
])(
  "SELF-01: of %i nodes with quorum %i one dies: that it is down is told, and that it is behind is on record alone",
  async (count, quorum, freeze) => {
    const chain = makeChain(10);
    const nodes = await Promise.all(Array.from({ length: count }, () => serve(chain.answer)));
    const recording = watch(nodes, { quorum, from: chain.blocks[0]! });
    await recording.until(atHead(chain));
    nodes[0]!.isAway = true;
    await recording.until(saw("endpoint-down"));
    while (!saw("endpoint-lags")(recording)) await mineOn(chain, 1);
    await mineOn(chain, 10);
    expect([aloud(recording), silently(recording)]).toEqual([
      [`endpoint-down of node 1${freeze}`],
      [`endpoint-lags of node 1${freeze}`],
    ]);
    nodes[0]!.isAway = false;
    await recording.until(({ troubles }) => troubles.at(-1)?.over === "endpoint-lags" && !troubles.at(-1)!.freeze);
    await recording.until(atHead(chain));
    expect(aloud(recording)).toHaveLength(1);
  },
);

test("SELF-01: a node that was down and is back far behind is told as behind, aloud", async () => {
  const chain = makeChain(10);
  let isStuck = false;
  const stuck = (call: WireCall) =>
    chain.answer(isStuck && call.params[0] === "latest" ? { ...call, params: ["0x5", false] } : call);
  const [one, two] = [await serve(stuck), await serve(chain.answer)];
  const recording = watch([one, two], { quorum: 1, from: chain.blocks[0]! });
  await recording.until(atHead(chain));
  one.isAway = true;
  await recording.until(saw("endpoint-down"));
  while (!saw("endpoint-lags")(recording)) await mineOn(chain, 1);
  isStuck = true;
  one.isAway = false;
  await recording.until((r) => aloud(r).length === 2);
  expect(aloud(recording)).toEqual(["endpoint-down of node 1", "endpoint-lags of node 1"]);
});

test("SELF-01: where the only node dies, that no block comes is on record alone, until it is back without one", async () => {
  const chain = makeChain(10);
  const node = await serve(chain.answer);
  const recording = watch([node], { from: chain.blocks[0]!, blockTimeMs: 200 });
  await recording.until(atHead(chain));
  node.isAway = true;
  await recording.until(saw("no-block (freeze)"));
  expect([aloud(recording), silently(recording)]).toEqual([
    ["endpoint-down of node 1 (freeze)"],
    ["no-block (freeze)"],
  ]);
  node.isAway = false;
  await recording.until((r) => aloud(r).length === 2);
  expect(aloud(recording)[1]).toBe("no-block (freeze)");
  chain.mine(1);
  await recording.until(({ troubles }) => troubles.at(-1)?.over === "no-block" && !troubles.at(-1)!.freeze);
});

test("SELF-01: where both nodes die, that no block comes is told as well", async () => {
  const chain = makeChain(10);
  const nodes = [await serve(chain.answer), await serve(chain.answer)];
  const recording = watch(nodes, { quorum: 2, from: chain.blocks[0]!, blockTimeMs: 200 });
  await recording.until(atHead(chain));
  for (const node of nodes) node.isAway = true;
  await recording.until(saw("no-block"));
  expect(aloud(recording)).toContain("no-block (freeze)");
});

/** A watch that goes on at block 3 of 40 after `awaySeconds`, with a reader that takes a block each `takeMs`. */
async function goOn(awaySeconds: number, takeMs: number, blocks = 40): Promise<readonly StreamTrouble[]> {
  const chain = makeChain(blocks);
  const node = await serve(chain.answer);
  const from = { ...chain.blocks[3]!, timestamp: BigInt(Math.floor(Date.now() / 1_000) - awaySeconds) };
  const stop = new AbortController();
  closers.push(() => stop.abort());
  const endpoint = openEndpoint(node.url, { label: "only" });
  closers.push(endpoint.close);
  const options = { pollMs: 10, blockTimeMs: 400, liveFrom: 0n, from, signal: stop.signal };
  const told: StreamTrouble[] = [];
  for await (const event of watchBlocks({ endpoints: [endpoint], scopes: ["L"], ...options })) {
    if (event.kind === "trouble") told.push(event);
    if (event.kind !== "block") continue;
    await pause(takeMs);
    // On a busy machine that no block comes may be told, and over, right after it.
    if (told.some(({ over }) => over === "block-lag")) break;
    if (Number(event.bundle.ref.number) === chain.blocks.length - 1) await pause(300);
    if (Number(event.bundle.ref.number) === chain.blocks.length - 1) chain.mine(1);
  }
  return told.filter(({ trouble, over }) => trouble === "block-lag" || over === "block-lag");
}

test("SELF-01: a watch that was away for minutes catches up with actions at rest and without an alert", async () => {
  const told = await goOn(120, 20);
  expect(told.map((t) => [tell(t), t.quiet])).toEqual([
    ["block-lag (freeze)", true],
    ["recovered", undefined],
  ]);
});

test("SELF-01: a watch that was away for longer is told to be behind at once", async () => {
  const [first] = await goOn(900, 20);
  expect([tell(first!), first!.quiet]).toEqual(["block-lag (freeze)", undefined]);
});
