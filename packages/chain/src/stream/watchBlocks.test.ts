import type { BlockRef } from "@testudo/core/model/BlockBundle";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { fetchBlock } from "../block/fetchBundle.ts";
import { type Anvil, startAnvil } from "../fork/startAnvil.ts";
import { QuorumImpossible } from "../nodes/EndpointPool.ts";
import { type Endpoint, openEndpoint } from "../rpc/rpcEndpoint.ts";
import { type Recording, record, describe as tell } from "../testkit/collect.testkit.ts";
import { type FakeChain, makeChain } from "../testkit/fakeChain.testkit.ts";
import {
  type FaultyNode,
  refusal,
  serveBodies,
  serveCalls,
  type WireAnswer,
  type WireCall,
} from "../testkit/faultyNode.testkit.ts";
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

function endpointOf(url: string, label: string): Endpoint {
  const endpoint = openEndpoint(url, { label, timeoutMs: 20_000 });
  closers.push(endpoint.close);
  return endpoint;
}

function start(options: WatchOptions): Recording {
  const recording = record(options);
  closers.push(() => recording.stop());
  return recording;
}

const atHead = (chain: FakeChain) => (r: Recording) => r.known.at(-1)?.hash === chain.blocks.at(-1)?.hash;
const sawTrouble = (text: string) => (r: Recording) => r.troubles.some((t) => tell(t).startsWith(text));

describe("on anvil", () => {
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
  const mine = (count: number) => node.request("anvil_mine", [`0x${count.toString(16)}`]);
  const block = async (number: bigint) => (await fetchBlock(node, number, false)).ref;
  const headNumber = async () => BigInt((await node.request("eth_blockNumber")) as string);

  test.each([3, 20])("STREAM-02: a reorg of depth %i names the ancestor and drops newest first", async (depth) => {
    await mine(depth + 5);
    const before = await headNumber();
    const recording = start({ endpoints: [node], scopes: ["L", "X"], from: await block(before - BigInt(depth) - 4n) });
    await recording.until((r) => r.known.at(-1)?.number === before);
    await node.request("anvil_reorg", [depth, []]);
    await mine(1);
    await recording.until((r) => r.known.at(-1)?.number === before + 1n);
    const reorgs = recording.events.filter((event) => event.kind === "reorg");
    expect(reorgs.map(tell)).toEqual([
      `reorg to ${before - BigInt(depth)} dropping ${Array.from({ length: depth }, (_, i) => before - BigInt(i)).join(" ")}`,
    ]);
    expect(recording.known.at(-1)).toEqual(await block(before + 1n));
    expect(recording.troubles).toEqual([]);
  });

  test("STREAM-11: a cursor that was orphaned while away is walked back first", async () => {
    await mine(6);
    const number = await headNumber();
    const refs = await Promise.all([3n, 2n, 1n, 0n].map((back) => block(number - back)));
    await node.request("anvil_reorg", [2, []]);
    await mine(2);
    const recording = start({ endpoints: [node], scopes: ["L"], from: refs.at(-1)!, refs });
    await recording.until((r) => r.known.at(-1)?.number === number + 2n);
    expect(recording.events.slice(0, 2).map(tell)).toEqual([
      `reorg to ${number - 2n} dropping ${number} ${number - 1n}`,
      `block ${number - 1n}`,
    ]);
  });

  test("STREAM-11: a cursor alone, orphaned at its own height, is walked back to its parent", async () => {
    await mine(3);
    const number = await headNumber();
    const cursor = await block(number);
    await node.request("anvil_reorg", [1, []]);
    const recording = start({ endpoints: [node], scopes: ["L"], from: cursor });
    await recording.until((r) => r.known.length === 2);
    expect(recording.events.slice(0, 2).map(tell)).toEqual([
      `reorg to ${number - 1n} dropping ${number}`,
      `block ${number}`,
    ]);
  });

  test("STREAM-03: a cursor deeper orphaned than the known blocks stops the stream and freezes", async () => {
    await mine(8);
    const cursor = await block(await headNumber());
    await node.request("anvil_reorg", [5, []]);
    const recording = start({ endpoints: [node], scopes: ["L"], from: cursor });
    await recording.ended;
    expect(recording.events.map(tell)).toEqual(["deep-reorg (freeze)"]);
  });

  test("a null cursor begins with the head itself, live, and call trees come along", async () => {
    await mine(1);
    const number = await headNumber();
    const startedMs = Date.now();
    const recording = start({ endpoints: [node], scopes: ["L", "X", "T", "S"], from: null });
    await recording.until((r) => r.known.length === 1);
    const [event] = recording.events.filter((e) => e.kind === "block");
    expect(event).toMatchObject({ phase: "live", bundle: { ref: { number }, has: ["L", "X", "T", "S"] } });
    const receivedAtMs = event?.kind === "block" ? event.receivedAtMs : 0;
    expect([receivedAtMs >= startedMs, receivedAtMs <= Date.now()]).toEqual([true, true]);
  });

  test("blocks before `liveFrom` are history, and finality follows the node's tags", async () => {
    await mine(100);
    const head = await headNumber();
    const recording = start({ endpoints: [node], scopes: ["L"], from: await block(head - 90n), liveFrom: head - 1n });
    await recording.until((r) => r.events.some((e) => e.kind === "finalize" && e.ref.number === head - 64n));
    await recording.until((r) => r.known.at(-1)?.number === head);
    const live = recording.events.flatMap((e) =>
      e.kind === "block" && e.phase === "live" ? [e.bundle.ref.number] : [],
    );
    expect(live).toEqual([head - 1n, head]);
    const tags = recording.events.flatMap((e) => (e.kind === "finalize" ? [[e.tag, e.ref.number] as const] : []));
    for (const tag of ["safe", "finalized"] as const) {
      const numbers = tags.filter(([of]) => of === tag).map(([, number]) => number);
      expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => (a < b ? -1 : 1)));
      expect(numbers.at(-1)).toBe(tag === "safe" ? head - 32n : head - 64n);
    }
  });
});

describe("with faulty endpoints", () => {
  const genesis = (chain: FakeChain): BlockRef => chain.blocks[0]!;

  test("error: a quorum that cannot be reached is refused at once", async () => {
    const node = endpointOf("http://127.0.0.1:1", "nobody");
    expect(() => record({ endpoints: [node], quorum: 2, scopes: ["L"], from: null })).toThrow(QuorumImpossible);
  });

  test("a dead URL is told once with a freeze, and the stream waits for it", async () => {
    const recording = start({ endpoints: [endpointOf("http://127.0.0.1:1", "dead")], scopes: ["L"], from: null });
    await recording.until(sawTrouble("endpoint-down of dead (freeze)"));
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(recording.events.map(tell)).toEqual(["endpoint-down of dead (freeze)"]);
  });

  test("STREAM-04: with one of two endpoints dead the stream goes on, frozen", async () => {
    const chain = makeChain(10);
    const node = await serve(chain.answer);
    const endpoints = [endpointOf("http://127.0.0.1:1", "dead"), endpointOf(node.url, "good")];
    const recording = start({ endpoints, scopes: ["L", "X"], from: genesis(chain) });
    await recording.until(atHead(chain));
    expect(recording.troubles.map(tell)).toEqual(["endpoint-down of dead (freeze)"]);
    const sources = recording.events.flatMap((e) => (e.kind === "block" ? [e.bundle.sources] : []));
    expect(new Set(sources.flat())).toEqual(new Set(["good"]));
  });

  test("STREAM-04: an endpoint that never answers is told down, and the stream goes on without it", async () => {
    const chain = makeChain(10);
    const hanging = await serveBodies(() => {});
    closers.push(hanging.close);
    const good = await serve(chain.answer);
    const endpoints = [endpointOf(hanging.url, "hanging"), endpointOf(good.url, "good")];
    const recording = start({ endpoints, scopes: ["L"], from: genesis(chain), headTimeoutMs: 200 });
    await recording.until(atHead(chain));
    expect(recording.events.slice(0, 2).map(tell)).toEqual(["endpoint-down of hanging (freeze)", "block 1"]);
  });

  test("STREAM-04: the right hash over other transactions is no agreement", async () => {
    const chain = makeChain(10);
    const good = [await serve(chain.answer), await serve(chain.answer)];
    const liar = await serve((call) => {
      const answer = chain.answer(call);
      const block = answer.result as { transactions?: unknown[] } | null;
      return block?.transactions === undefined ? answer : { ...answer, result: { ...block, transactions: [] } };
    });
    const endpoints = [liar, ...good].map((node, i) => endpointOf(node.url, ["liar", "one", "two"][i]!));
    const recording = start({ endpoints, quorum: 2, scopes: ["L", "X"], from: genesis(chain) });
    await recording.until(atHead(chain));
    for (const event of recording.events)
      if (event.kind === "block")
        expect([event.bundle.txs.length, event.bundle.sources.includes("liar")]).toEqual([1, false]);
  });

  test("STREAM-04: a block names the endpoints that agreed on it", async () => {
    const chain = makeChain(10);
    const nodes = await Promise.all([serve(chain.answer), serve(chain.answer)]);
    const recording = start({
      endpoints: [endpointOf(nodes[0]!.url, "one"), endpointOf(nodes[1]!.url, "two")],
      scopes: ["L", "X"],
      from: genesis(chain),
    });
    await recording.until(atHead(chain));
    for (const event of recording.events)
      if (event.kind === "block") expect([...event.bundle.sources].sort()).toEqual(["one", "two"]);
    expect(recording.troubles).toEqual([]);
  });

  test("a node that is away for a time is told down and recovered, and no block is missed", async () => {
    const chain = makeChain(5);
    const node = await serve(chain.answer);
    const recording = start({ endpoints: [endpointOf(node.url, "only")], scopes: ["L"], from: genesis(chain) });
    await recording.until(atHead(chain));
    node.isAway = true;
    await recording.until(sawTrouble("endpoint-down of only (freeze)"));
    chain.mine(40);
    await new Promise((resolve) => setTimeout(resolve, 500));
    node.isAway = false;
    await recording.until(atHead(chain));
    expect(recording.known).toEqual(chain.blocks.slice(1));
    expect(
      recording.troubles.filter((t) => t.trouble !== "block-lag" && !/head is near/.test(t.message)).map(tell),
    ).toEqual(["endpoint-down of only (freeze)", "recovered of only"]);
  });

  test("STREAM-14: an endpoint more than two blocks behind is set aside, told, and taken back", async () => {
    const chain = makeChain(10);
    let isStuck = true;
    const laggard = await serve((call) =>
      isStuck && call.params[0] === "latest" ? chain.answer({ ...call, params: ["0x5", false] }) : chain.answer(call),
    );
    const good = await serve(chain.answer);
    const recording = start({
      endpoints: [endpointOf(laggard.url, "laggard"), endpointOf(good.url, "good")],
      scopes: ["L"],
      from: genesis(chain),
    });
    await recording.until(atHead(chain));
    expect(recording.troubles.map(tell)).toContain("endpoint-lags of laggard (freeze)");
    isStuck = false;
    await recording.until((r) => r.troubles.some((t) => tell(t) === "recovered of laggard"));
    expect(recording.troubles.at(-1)?.freeze).toBe(false);
  });

  test("STREAM-05: two endpoints that disagree for longer than a block time freeze; the stream goes on", async () => {
    const chain = makeChain(10);
    const other = makeChain(10);
    other.reorg(4, 4);
    let lies = true;
    const honest = await serve(chain.answer);
    const liar = await serve((call) => (lies ? other.answer(call) : chain.answer(call)));
    const disputed: (readonly string[] | undefined)[] = [];
    const recording = start({
      endpoints: [endpointOf(honest.url, "honest"), endpointOf(liar.url, "liar")],
      scopes: ["L"],
      from: genesis(chain),
      blockTimeMs: 200,
      onDisputed: (told) =>
        void disputed.push(
          told &&
            [told.taken, ...told.others].map(({ ref, endpoints: [by] }) => `${by!.label} ${ref.number} ${ref.hash}`),
        ),
    });
    await recording.until(sawTrouble("endpoint-disagrees (freeze)"));
    const before = recording.events.findIndex((e) => e.kind === "trouble" && e.trouble === "endpoint-disagrees");
    expect(recording.events.slice(0, before).filter((e) => e.kind === "block")).toHaveLength(5);
    await recording.until(atHead(chain));
    lies = false;
    chain.mine(1);
    await recording.until(atHead(chain));
    await recording.until((r) => r.troubles.at(-1)?.freeze === false);
    expect(recording.known).toEqual(chain.blocks.slice(1));
    const heights = [6, 7, 8, 9].map((n) => [
      `honest ${n} ${chain.blocks[n]!.hash}`,
      `liar ${n} ${other.blocks[n]!.hash}`,
    ]);
    expect(disputed.filter((told) => told !== undefined)).toEqual(expect.arrayContaining(heights));
    expect(disputed.at(-1)).toBeUndefined();
  });

  test("STREAM-04: one liar among three is outvoted and told, without a freeze", async () => {
    const chain = makeChain(10);
    const other = makeChain(10);
    other.reorg(4, 4);
    const nodes = [await serve(other.answer), await serve(chain.answer), await serve(chain.answer)];
    const endpoints = nodes.map((node, i) => endpointOf(node.url, ["liar", "one", "two"][i]!));
    // An honest node that is slower than a block time would leave the other two without a quorum, which freezes.
    const recording = start({ endpoints, quorum: 2, scopes: ["L", "X"], from: genesis(chain), blockTimeMs: 3_000 });
    await recording.until(atHead(chain));
    await recording.until(sawTrouble("endpoint-disagrees of liar"));
    expect(recording.known).toEqual(chain.blocks.slice(1));
    expect(recording.troubles.filter((t) => t.trouble === "endpoint-disagrees").map(tell)).toEqual([
      "endpoint-disagrees of liar",
    ]);
  });

  test("STREAM-06: an empty log list under a bloom is asked for again elsewhere", async () => {
    const chain = makeChain(6);
    const forgetful = await serve((call) =>
      call.method === "eth_getLogs" ? { jsonrpc: "2.0", id: call.id, result: [] } : chain.answer(call),
    );
    const good = await serve(chain.answer);
    const recording = start({
      endpoints: [endpointOf(forgetful.url, "forgetful"), endpointOf(good.url, "good")],
      scopes: ["L"],
      from: genesis(chain),
    });
    await recording.until(atHead(chain));
    for (const event of recording.events) if (event.kind === "block") expect(event.bundle.logs).toHaveLength(1);
    expect(forgetful.seen.calls.get("eth_getLogs")).toBeGreaterThan(0);
  });

  test("STREAM-06: a single endpoint without the logs is asked until it has them", async () => {
    const chain = makeChain(3);
    let empty = 4;
    const node = await serve((call) =>
      call.method === "eth_getLogs" && empty-- > 0 ? { jsonrpc: "2.0", id: call.id, result: [] } : chain.answer(call),
    );
    const recording = start({ endpoints: [endpointOf(node.url, "only")], scopes: ["L"], from: genesis(chain) });
    await recording.until(atHead(chain));
    expect(recording.events.flatMap((e) => (e.kind === "block" ? [e.bundle.logs.length] : []))).toEqual([1, 1]);
  });

  test("STREAM-10: a range with too many results is halved until it passes, in order", async () => {
    const chain = makeChain(101);
    const node = await serve(chain.answer);
    const limited = await serveLimited(node.url, 6);
    const recording = start({ endpoints: [endpointOf(limited.url, "limited")], scopes: ["L"], from: genesis(chain) });
    await recording.until(atHead(chain));
    expect(recording.known).toEqual(chain.blocks.slice(1));
    expect(recording.troubles).toEqual([]);
  });

  test("STREAM-14: HTTP 429 rotates to the next endpoint", async () => {
    const chain = makeChain(30);
    const busy = await serve(chain.answer);
    const good = await serve(chain.answer);
    const limited = await serveStatus(busy.url, 429, "eth_getLogs");
    const endpoints = [endpointOf(limited.url, "busy"), endpointOf(good.url, "good")];
    const recording = start({ endpoints, scopes: ["L"], from: genesis(chain), quorum: 1 });
    await recording.until(atHead(chain));
    expect(recording.known).toEqual(chain.blocks.slice(1));
  });

  test("STREAM-08: where no endpoint gives call trees, the bundle lacks T and it is told", async () => {
    const chain = makeChain(4);
    const node = await serve(chain.answer);
    const endpoint = endpointOf(node.url, "plain");
    const recording = start({
      endpoints: [endpoint],
      scopes: ["L", "X", "T"],
      from: genesis(chain),
      batchBlocks: 1,
      prefetch: 1,
    });
    await recording.until(atHead(chain));
    expect(recording.troubles.map(tell)).toEqual(["scope-degraded"]);
    for (const event of recording.events) if (event.kind === "block") expect(event.bundle.has).toEqual(["L", "X"]);
    // It was asked once for each way, and not again for every block.
    expect(node.seen.calls.get("debug_traceBlockByHash")).toBe(1);
    expect(node.seen.calls.get("trace_block")).toBe(1);
  });

  test("STREAM-08: a block that a node cannot trace in time comes without T, is told by number, and those after it come", async () => {
    const chain = makeChain(4);
    const node = await serve((call) =>
      call.method === "debug_traceBlockByHash" ? new Promise(() => {}) : chain.answer(call),
    );
    const recording = start({
      endpoints: [openEndpoint(node.url, { label: "slow", timeoutMs: 3_000 })],
      scopes: ["L", "X", "T"],
      from: genesis(chain),
      batchBlocks: 1,
      prefetch: 1,
    });
    await recording.until(atHead(chain));
    expect(recording.troubles.map(tell)).toEqual(["scope-degraded"]);
    expect(recording.troubles[0]?.message).toBe("No endpoint gives call trees for block 1.");
    for (const event of recording.events) if (event.kind === "block") expect(event.bundle.has).toEqual(["L", "X"]);
    // It is left alone after that, so that what is costly to trace costs the stream nothing more.
    expect(node.seen.calls.get("debug_traceBlockByHash")).toBe(1);
  });

  test("STREAM-03: a reorg below the final block stops the stream and freezes", async () => {
    const chain = makeChain(20);
    chain.finalized = 15;
    const node = await serve(chain.answer);
    const recording = start({ endpoints: [endpointOf(node.url, "only")], scopes: ["L"], from: genesis(chain) });
    await recording.until((r) =>
      r.events.some((e) => e.kind === "finalize" && e.tag === "finalized" && e.ref.number === 15n),
    );
    chain.reorg(8, 9);
    await recording.ended;
    expect(recording.events.filter((e) => e.kind === "trouble").map(tell)).toEqual(["deep-reorg (freeze)"]);
  });

  test("a chain without finality tags becomes final by depth", async () => {
    const chain = makeChain(30);
    chain.finalized = undefined;
    const node = await serve(chain.answer);
    const recording = start({
      endpoints: [endpointOf(node.url, "only")],
      scopes: ["L"],
      from: genesis(chain),
      finalityDepth: 10,
    });
    await recording.until((r) => r.events.some((e) => e.kind === "finalize" && e.ref.number === 19n));
    expect(recording.events.filter((e) => e.kind === "finalize").every((e) => e.tag === "finalized")).toBe(true);
  });

  test("SELF-01: no block for three block times is told with a freeze, and the next block ends it", async () => {
    const chain = makeChain(3);
    const node = await serve(chain.answer);
    const endpoint = endpointOf(node.url, "only");
    const recording = start({ endpoints: [endpoint], scopes: ["L"], from: genesis(chain), blockTimeMs: 100 });
    await recording.until(sawTrouble("no-block (freeze)"));
    chain.mine(1);
    await recording.until((r) => r.troubles.at(-1)?.trouble === "recovered");
    expect(recording.troubles.at(-1)?.freeze).toBe(false);
  });

  test("STREAM-13: a slow consumer holds the producer back, is told, and loses no block", async () => {
    const chain = makeChain(3);
    const node = await serve(chain.answer);
    const stop = new AbortController();
    closers.push(() => stop.abort());
    const watch = watchBlocks({
      endpoints: [endpointOf(node.url, "only")],
      scopes: ["L"],
      from: genesis(chain),
      pollMs: 5,
      blockTimeMs: 100,
      queueBlocks: 4,
      batchBlocks: 2,
      signal: stop.signal,
    });
    const numbers: bigint[] = [];
    const troubles: string[] = [];
    for await (const event of watch) {
      if (event.kind === "trouble") troubles.push(tell(event));
      if (event.kind !== "block") continue;
      numbers.push(event.bundle.ref.number);
      if (numbers.length === 2) {
        chain.mine(40);
        await new Promise((resolve) => setTimeout(resolve, 300));
        // 4 in the queue, 2 waiting for room, 3 batches of 2 asked for ahead.
        expect(node.seen.calls.get("eth_getLogs")).toBeLessThanOrEqual(2 + 4 + 2 + 6);
      }
      if (numbers.length === 42) break;
    }
    expect(numbers).toEqual(Array.from({ length: 42 }, (_, i) => BigInt(i + 1)));
    expect(troubles[0]).toBe("block-lag (freeze)");
  });
});

/** Refuses batches with more than `max` calls, as one error for all. */
async function serveLimited(url: string, max: number): Promise<FaultyNode> {
  const node = await serveBodies(async (body, response) => {
    const calls = JSON.parse(body) as WireCall[];
    const isTooMuch = Array.isArray(calls) && calls.length > max;
    if (isTooMuch)
      response.end(
        JSON.stringify({ ...refusal(calls[0]!, -32005, "query returned more than 10000 results"), id: null }),
      );
    else response.end(await (await fetch(url, { method: "POST", body })).text());
  });
  closers.push(node.close);
  return node;
}

/** Answers with an HTTP status when a body names `method`. */
async function serveStatus(url: string, status: number, method: string): Promise<FaultyNode> {
  const node = await serveBodies(async (body, response) => {
    if (body.includes(method)) response.writeHead(status).end("slow down");
    else response.end(await (await fetch(url, { method: "POST", body })).text());
  });
  closers.push(node.close);
  return node;
}
