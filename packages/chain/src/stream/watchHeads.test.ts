import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { type Anvil, startAnvil } from "../fork/startAnvil.ts";
import { type HeadSource, openHeadSource } from "../heads/openHeadSource.ts";
import { type Endpoint, openEndpoint } from "../rpc/rpcEndpoint.ts";
import { type Recording, record, describe as tell } from "../testkit/collect.testkit.ts";
import { type FakeChain, makeChain } from "../testkit/fakeChain.testkit.ts";
import { type FaultyNode, serveCalls } from "../testkit/faultyNode.testkit.ts";
import { type HeadServer, serveHeads, untilTrue } from "../testkit/headServer.testkit.ts";
import type { WatchOptions } from "./watchBlocks.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

// Polling alone shows nothing new within a test: `until` gives up after half that time.
const never = 60_000;

async function heads(port?: number): Promise<HeadServer> {
  const server = await serveHeads(port);
  closers.push(server.close);
  return server;
}

const sourceOf = (url: string): HeadSource => openHeadSource(url, { label: "socket", firstBackoffMs: 50 });

async function nodeOf(chain: FakeChain, label = "node"): Promise<{ readonly node: FaultyNode; endpoint: Endpoint }> {
  const node = await serveCalls(chain.answer);
  const endpoint = openEndpoint(node.url, { label });
  closers.push(node.close, endpoint.close);
  return { node, endpoint };
}

function start(options: Omit<WatchOptions, "scopes" | "from">): Recording {
  const recording = record({ scopes: ["L"], from: null, ...options });
  closers.push(() => recording.stop());
  return recording;
}

const hasHead = (chain: FakeChain) => (r: Recording) => r.known.at(-1)?.hash === chain.blocks.at(-1)?.hash;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe("STREAM-15: on anvil", () => {
  let anvil: Anvil;
  let node: Endpoint;
  beforeAll(async () => {
    anvil = await startAnvil({ noMining: true });
    node = openEndpoint(anvil.url, { label: "anvil" });
  });
  afterAll(async () => {
    node.close();
    await anvil.stop();
  });

  test("a head that its socket tells arrives long before it would be asked for, and so does a reorg", async () => {
    const source = openHeadSource(anvil.url.replace("http", "ws"));
    const recording = start({ endpoints: [node], pollMs: never, heads: [source] });
    await recording.until((r) => r.known.length === 1);
    // What is mined before the subscription stands is not told of.
    const mining = setInterval(() => void node.request("anvil_mine", ["0x1"]).catch(() => {}), 200);
    await recording.until((r) => r.known.length >= 4).finally(() => clearInterval(mining));
    await node.request("anvil_reorg", [2, []]);
    await node.request("anvil_mine", ["0x1"]);
    await recording.until((r) => r.events.some((event) => event.kind === "reorg"));
    expect(recording.troubles).toEqual([]);
    expect(source.malformed).toBe(0);
  });
});

describe("STREAM-15: with a socket that", () => {
  /** A watch that has its first block and whose socket is subscribed. */
  async function open(options: Partial<WatchOptions> = {}) {
    const chain = makeChain(5);
    const { node, endpoint } = await nodeOf(chain);
    const server = await heads();
    const recording = start({ endpoints: [endpoint], pollMs: never, heads: [sourceOf(server.url)], ...options });
    await recording.until(hasHead(chain));
    await untilTrue(() => server.seen.subscriptions === 1);
    return { chain, node, server, recording };
  }
  const newest = (chain: FakeChain) => chain.blocks.at(-1)!;

  test("tells the truth, a block is asked for at once", async () => {
    const { chain, server, recording } = await open();
    for (let i = 0; i < 3; i++) {
      chain.mine(1);
      server.tell(newest(chain));
      await recording.until(hasHead(chain));
    }
    expect(recording.known).toEqual(chain.blocks.slice(4));
  });

  test("tells the truth while the clock is set back by an hour, the block arrives all the same", async () => {
    const { chain, server, recording } = await open();
    const before = Date.now();
    const sinceMs = performance.now();
    const clock = vi.spyOn(Date, "now").mockImplementation(() => before - 3_600_000 + (performance.now() - sinceMs));
    try {
      for (let i = 0; i < 2; i++) {
        chain.mine(1);
        server.tell(newest(chain));
        await recording.until(hasHead(chain), 10_000);
      }
    } finally {
      clock.mockRestore();
    }
  });

  test("tells before the endpoint has the block, the endpoint is asked again soon", async () => {
    const { chain, node, server, recording } = await open();
    const other = makeChain(6);
    const asked = node.seen.requests;
    server.tell(newest(other));
    await untilTrue(() => node.seen.requests >= asked + 3);
    chain.mine(1);
    await recording.until(hasHead(chain));
  });

  test("lies about hash and number, nothing is told but what the endpoint has, and no event is a lie", async () => {
    const { chain, node, server, recording } = await open();
    const asked = node.seen.requests;
    const liar = makeChain(8);
    liar.reorg(7, 40);
    for (const block of liar.blocks) server.tell(block);
    server.tell({ number: 2n ** 64n - 1n, hash: newest(liar).hash });
    server.tell({ number: 0n, hash: newest(chain).hash });
    await untilTrue(() => node.seen.requests > asked);
    await pause(3_000);
    // Ten at once, and then ever more seldom for a height that is never reached; at a steady 50 ms it would be sixty.
    expect(node.seen.requests - asked).toBeLessThanOrEqual(25);
    expect(recording.known).toEqual([newest(chain)]);
    expect(recording.events.filter((event) => event.kind === "reorg" || event.kind === "trouble")).toEqual([]);
    chain.mine(1);
    server.tell(newest(chain));
    await recording.until(hasHead(chain));
    expect(recording.known).toEqual(chain.blocks.slice(4));
  });

  test("floods, the endpoint is asked a bounded number of times", async () => {
    const { chain, node, server, recording } = await open();
    const asked = node.seen.requests;
    for (let round = 0; round < 10; round++) {
      for (let i = 0; i < 1_000; i++)
        server.tell({ number: BigInt(i), hash: `0x${(round * 1_000 + i).toString(16).padStart(64, "0")}` });
      for (let i = 0; i < 1_000; i++) server.tell({ number: BigInt(1_000 + i), hash: newest(chain).hash });
      await pause(100);
    }
    await untilTrue(() => recording.troubles.some((trouble) => trouble.trouble === "heads-lost"));
    await pause(3_000);
    // Ten at once, and as often again as it takes to lose the socket.
    expect(node.seen.requests - asked).toBeGreaterThan(0);
    expect(node.seen.requests - asked).toBeLessThanOrEqual(25);
    expect(recording.known).toEqual([newest(chain)]);
  });

  test("sends garbage and a huge frame, blocks go on", async () => {
    const { chain, server, recording } = await open();
    for (const garbage of ["", "{", "[]", Buffer.alloc(1_000, 0xff)]) server.send(garbage);
    chain.mine(1);
    server.tell(newest(chain));
    await recording.until(hasHead(chain));
    server.send("x".repeat(300_000));
    await untilTrue(() => server.seen.subscriptions === 2);
    chain.mine(1);
    server.tell(newest(chain));
    await recording.until(hasHead(chain));
  });

  test("is closed and comes back, it is told lost and recovered, each once and without a freeze", async () => {
    const { chain, server, recording } = await open();
    await server.close();
    await recording.until((r) => r.troubles.length > 0);
    const again = await heads(server.port);
    await untilTrue(() => again.seen.subscriptions === 1);
    chain.mine(1);
    again.tell(newest(chain));
    await recording.until((r) => hasHead(chain)(r) && r.troubles.length > 1);
    expect(recording.troubles.map(tell)).toEqual(["heads-lost of socket", "recovered of socket"]);
    expect(recording.troubles[1]).toMatchObject({ over: "heads-lost", message: "socket tells heads again." });
  });

  test("refuses the connection, blocks come by asking at the usual rate", async () => {
    const chain = makeChain(5);
    const { endpoint } = await nodeOf(chain);
    const server = await heads();
    server.refuses = 403;
    const recording = start({ endpoints: [endpoint], heads: [sourceOf(server.url)], isMetered: () => true });
    await recording.until(hasHead(chain));
    for (let i = 0; i < 5; i++) {
      chain.mine(1);
      await recording.until(hasHead(chain));
    }
    await recording.until((r) => r.troubles.length > 0);
    expect(recording.troubles.map(tell)).toEqual(["heads-lost of socket"]);
    expect(recording.troubles[0]?.message).toContain("Unexpected server response: 403");
  });

  test("has been keeping pace and falls silent, the endpoint is left alone before and asked at the usual rate after", async () => {
    const blockTimeMs = 10_000;
    const { chain, node, server, recording } = await open({ pollMs: 100, blockTimeMs, isMetered: () => true });
    // The first may have been found by asking, before it was told.
    let atRest = 0;
    for (let i = 0, isLeftAlone = false; i < 10 && !isLeftAlone; i++) {
      chain.mine(1);
      server.tell(newest(chain));
      await recording.until(hasHead(chain));
      atRest = node.seen.requests;
      await pause(2_000);
      // The usual rate would be twenty. Chance may put some questions into these two of ten seconds.
      isLeftAlone = node.seen.requests - atRest <= 8;
    }
    expect(node.seen.requests - atRest).toBeLessThanOrEqual(8);
    chain.mine(1);
    await recording.until(hasHead(chain), blockTimeMs + 10_000);
    for (let i = 0; i < 2; i++) {
      chain.mine(1);
      await recording.until(hasHead(chain));
    }
    // Four seconds at the usual rate, and minutes at the other.
    const asked = node.seen.requests;
    await untilTrue(() => node.seen.requests >= asked + 40);
    await recording.until((r) => r.troubles.some((trouble) => trouble.trouble === "heads-lost"));
    expect(recording.troubles.map(tell)).toEqual(["heads-lost of socket"]);
    expect(recording.troubles[0]?.message).toContain("it told of none of the last 3 blocks");
  });

  test("keeps pace, an endpoint on this machine is asked at the usual rate all the same", async () => {
    const { chain, node, server, recording } = await open({ pollMs: 100, blockTimeMs: 60_000 });
    for (let i = 0; i < 5; i++) {
      chain.mine(1);
      server.tell(newest(chain));
      await recording.until(hasHead(chain));
    }
    const asked = node.seen.requests;
    await untilTrue(() => node.seen.requests >= asked + 40);
  });

  test("refuses while no block was taken, only the endpoint's trouble is told", async () => {
    const server = await heads();
    server.refuses = 403;
    const endpoint = openEndpoint("http://127.0.0.1:1", { label: "dead" });
    closers.push(endpoint.close);
    const recording = start({ endpoints: [endpoint], heads: [sourceOf(server.url)], blockTimeMs: 200 });
    await untilTrue(() => server.seen.connections >= 3);
    // The clock is looked at every 50 ms, and by then it has told this.
    await recording.until((r) => r.troubles.some(({ trouble }) => trouble === "no-block"));
    expect(recording.troubles.map(({ trouble }) => trouble)).not.toContain("heads-lost");
    expect(recording.troubles.every(({ freeze }) => freeze)).toBe(true);
  });

  test("keeps pace beside two endpoints of a quorum, both are asked for each block", async () => {
    const chain = makeChain(5);
    const nodes = [await nodeOf(chain, "one"), await nodeOf(chain, "two")];
    const server = await heads();
    const recording = start({
      endpoints: nodes.map(({ endpoint }) => endpoint),
      pollMs: never,
      heads: [sourceOf(server.url)],
    });
    await recording.until(hasHead(chain));
    await untilTrue(() => server.seen.subscriptions === 1);
    chain.mine(1);
    server.tell(newest(chain));
    await recording.until(hasHead(chain));
    const last = recording.events.filter((event) => event.kind === "block").at(-1);
    expect([...last!.bundle.sources].sort()).toEqual(["one", "two"]);
  });
});
