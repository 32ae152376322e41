// What one node of two can do to the stream by a chain of its own.
import type { BlockRef, Scope } from "@testudo/core/model/BlockBundle";
import type { StreamTrouble } from "@testudo/core/model/ChainEvent";
import { afterEach, expect, test } from "vitest";
import { type Recording, record, describe as tell } from "./collect.testkit.ts";
import type { Disputed } from "./Dispute.ts";
import { type FakeChain, makeChain } from "./fakeChain.testkit.ts";
import { type FaultyNode, refusal, serveCalls, type WireAnswer, type WireCall } from "./faultyNode.testkit.ts";
import { openEndpoint } from "./rpcEndpoint.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** What a node shows. */
interface Shown extends Pick<FakeChain, "blocks"> {
  answer(call: WireCall): WireAnswer | Promise<WireAnswer>;
}

interface Bounds {
  /** Null: nothing came before. */
  readonly from?: null | undefined;
  readonly timeoutMs?: number;
  readonly scopes?: readonly Scope[];
}

/** A watch over a node of each chain, in their order, that has taken what they had in common. A node goes over to what is put in its place. */
async function watch(chains: Record<string, Shown>, { from, timeoutMs = 10_000, scopes = ["L"] }: Bounds = {}) {
  const endpoints = [];
  const nodes = new Map<string, FaultyNode>();
  for (const label of Object.keys(chains)) {
    const node = await serveCalls((call) => chains[label]!.answer(call));
    const endpoint = openEndpoint(node.url, { label, timeoutMs });
    closers.push(node.close, endpoint.close);
    nodes.set(label, node);
    endpoints.push(endpoint);
  }
  const disputed: (string | undefined)[] = [];
  const [first] = Object.values(chains);
  const recording: Recording = record({
    ...{ endpoints, scopes, from: from === null ? null : first!.blocks[0]!, blockTimeMs: 200 },
    onDisputed: (told: Disputed | undefined) =>
      void disputed.push(
        told &&
          [told.taken, ...told.others]
            .map(({ ref, endpoints: by }) => `${by.map(({ label }) => label).join()} ${ref.number}`)
            .join(" / "),
      ),
  });
  closers.push(() => recording.stop());
  if (from === undefined) await recording.until(({ known }) => known.at(-1)?.hash === first!.blocks.at(-1)?.hash);
  return { recording, disputed, nodes };
}

test("STREAM-05: of two nodes one that runs ahead on a chain of its own does not hide the other's", async () => {
  const [honest, liar] = [makeChain(10), makeChain(10)];
  const chains = { honest, liar };
  const { recording, disputed } = await watch(chains);
  liar.reorg(0, 5);
  await recording.until(({ known }) => known.at(-1)?.number === 14n);
  honest.mine(1);
  await recording.until(() => disputed.length > 0);
  expect(disputed[0]).toBe("liar 14 / honest 10");
  expect(recording.troubles.map(tell)).toContain("endpoint-disagrees (freeze)");
  // It ends where both go the same way, however far ahead the one has been.
  chains.liar = honest;
  honest.mine(1);
  await recording.until(() => disputed.at(-1) === undefined);
});

test("STREAM-05: a dispute is over where the other comes to have our newest block, though no further one follows", async () => {
  const [ours, other] = [makeChain(10), makeChain(10)];
  const chains = { ours, other };
  const { recording, disputed } = await watch(chains);
  ours.mine(4);
  other.reorg(0, 4);
  await recording.until(() => disputed.length > 0);
  await recording.until(({ known }) => known.at(-1)?.number === 13n);
  chains.other = makeChain(10);
  await recording.until(({ troubles }) => troubles.map(tell).includes("endpoint-lags of other (freeze)"));
  ours.mine(1);
  await recording.until(({ known }) => known.at(-1)?.number === 14n);
  chains.other = ours;
  await recording.until(({ troubles }) => troubles.at(-1)?.freeze === false);
  expect(disputed.at(-1)).toBeUndefined();
});

test("STREAM-05: a node that went away while its head was a block of before a reorg shows no branch", async () => {
  const [chain, away] = [makeChain(10), makeChain(10)];
  const { recording, disputed, nodes } = await watch({ chain, away });
  nodes.get("away")!.isAway = true;
  await recording.until(({ troubles }) => troubles.map(tell).includes("endpoint-down of away (freeze)"));
  chain.reorg(1, 4);
  await recording.until(({ known }) => known.at(-1)?.hash === chain.blocks.at(-1)?.hash);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  expect(disputed).toEqual([]);
  expect(recording.troubles.map(tell).filter((text) => text.startsWith("endpoint-disagrees"))).toEqual([]);
});

test("STREAM-03: of two nodes one that shows another past does not end the stream, and is judged as a branch", async () => {
  const [liar, honest] = [makeChain(30), makeChain(30)];
  liar.finalized = honest.finalized = 20;
  const { recording, disputed } = await watch({ liar, honest });
  await recording.until(({ events }) => events.some((e) => e.kind === "finalize" && e.ref.number === 20n));
  liar.finalized = undefined;
  liar.reorg(15, 16);
  honest.mine(1);
  await recording.until(({ known }) => known.at(-1)?.hash === honest.blocks.at(-1)?.hash);
  await recording.until(() => disputed.at(-1) === "honest 30 / liar 30");
  expect(recording.troubles.map(tell)).not.toContain("deep-reorg (freeze)");
  expect(recording.events.filter(({ kind }) => kind === "reorg")).toEqual([]);
  await recording.until(({ troubles }) => troubles.map(tell).includes("endpoint-disagrees of liar (freeze)"));
});

test("STREAM-03: where all nodes show another past, each its own, the stream ends", async () => {
  const [one, two] = [makeChain(30), makeChain(30)];
  one.finalized = two.finalized = 20;
  const { recording } = await watch({ one, two });
  await recording.until(({ events }) => events.some((e) => e.kind === "finalize" && e.ref.number === 20n));
  one.reorg(15, 16);
  two.reorg(16, 17);
  await recording.ended;
  expect(recording.troubles.map(tell)).toContain("deep-reorg (freeze)");
});

test("STREAM-14: of two nodes one that claims a far head and has no such block does not hold up what the other has", async () => {
  const honest = makeChain(10);
  const far = makeChain(10);
  const chains = { honest, liar: far };
  const { recording } = await watch(chains);
  const head = { ...far.blocks.at(-1)!, number: 1_000n };
  const claims = (call: WireCall) =>
    call.params[0] === "latest" ? { ...far.answer(call), result: describeRef(head) } : far.answer(call);
  chains.liar = { ...far, answer: claims };
  await recording.until(({ troubles }) => troubles.map(tell).includes("endpoint-lags of honest (freeze)"));
  honest.mine(2);
  await recording.until(({ known }) => known.at(-1)?.number === 11n, 8_000);
});

test("STREAM-02: of two nodes one whose next block follows on nothing does not hold up the other's chain", async () => {
  const [liar, honest] = [makeChain(10), makeChain(10)];
  const { recording } = await watch({ liar, honest });
  liar.reorg(0, 3);
  (liar.blocks as BlockRef[])[10] = { ...liar.blocks[10]!, parentHash: liar.blocks[3]!.hash };
  honest.mine(3);
  await recording.until(({ known }) => known.at(-1)?.hash === honest.blocks.at(-1)?.hash, 8_000);
});

test("STREAM-14: a node that is set aside holds nobody up by a head that it claims", async () => {
  const [liar, honest] = [makeChain(10), makeChain(10)];
  const chains = { liar, honest };
  const { recording } = await watch(chains);
  liar.reorg(0, 3);
  (liar.blocks as BlockRef[])[10] = { ...liar.blocks[10]!, parentHash: liar.blocks[3]!.hash };
  honest.mine(3);
  await recording.until(({ known }) => known.at(-1)?.hash === honest.blocks.at(-1)?.hash, 8_000);
  chains.liar = claimsHead(liar, 1_000n);
  await new Promise((resolve) => setTimeout(resolve, 300));
  honest.mine(3);
  await recording.until(({ known }) => known.at(-1)?.hash === honest.blocks.at(-1)?.hash, 8_000);
});

test("STREAM-13: of three nodes one that claims a far head freezes nothing", async () => {
  const [honest, liar] = [makeChain(10), makeChain(10)];
  const chains: Record<string, FakeChain> = { a: honest, b: honest, liar };
  const { recording } = await watch(chains);
  chains.liar = claimsHead(liar, 1_000n);
  for (let i = 0; i < 10; i++) {
    honest.mine(1);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  await recording.until(({ known }) => known.at(-1)?.hash === honest.blocks.at(-1)?.hash, 8_000);
  expect(recording.troubles.filter(({ freeze }) => freeze).map(tell)).toEqual([]);
});

test("STREAM-13: of two nodes one that claimed a far head leaves no freeze behind", async () => {
  const [honest, liar] = [makeChain(10), makeChain(10)];
  const chains: Record<string, FakeChain> = { honest, liar };
  const { recording } = await watch(chains);
  chains.liar = claimsHead(liar, 1_000n);
  await recording.until(({ troubles }) => troubles.map(tell).includes("block-lag (freeze)"));
  chains.liar = honest;
  for (let i = 0; i < 8; i++) {
    honest.mine(1);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  await recording.until(({ known }) => known.at(-1)?.hash === honest.blocks.at(-1)?.hash, 8_000);
  expect(recording.troubles.at(-1)?.freeze).toBe(false);
});

test("STREAM-02: a node on another chain below our last block takes nothing of ours back", async () => {
  const [honest, other] = [makeChain(10), makeChain(10)];
  const { recording } = await watch({ honest, other });
  other.reorg(4, 2);
  await recording.until(({ troubles }) => troubles.map(tell).includes("endpoint-disagrees (freeze)"));
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(recording.events.filter(({ kind }) => kind === "reorg")).toEqual([]);
});

test("STREAM-03: of two nodes one makes nothing final by running ahead, where nodes name no final block", async () => {
  const [liar, honest] = [makeChain(10), makeChain(10)];
  liar.finalized = honest.finalized = undefined;
  const chains = { liar, honest };
  const { recording } = await watch(chains);
  liar.reorg(1, 300);
  await recording.until(({ known }) => known.at(-1)?.hash === liar.blocks.at(-1)?.hash);
  chains.liar = honest;
  honest.mine(3);
  await recording.until(({ known }) => known.at(-1)?.hash === honest.blocks.at(-1)?.hash, 8_000);
});

test("STREAM-14: a node that refuses to name several blocks at once keeps no reorg from being told", async () => {
  const chain = makeChain(10);
  const chains: Record<string, FakeChain> = { a: chain, liar: chain, b: chain };
  const { recording } = await watch(chains);
  chains.liar = {
    ...chain,
    answer: (call) => (Number(call.params[0]) < 10 ? refusal(call, -32_000, "history is pruned") : chain.answer(call)),
  };
  chain.reorg(3, 5);
  await recording.until(({ known }) => known.at(-1)?.hash === chain.blocks.at(-1)?.hash, 8_000);
});

test("STREAM-03: of two nodes one makes nothing final by running ahead and coming back while the other stands", async () => {
  const [liar, honest] = [makeChain(10), makeChain(10)];
  liar.finalized = honest.finalized = undefined;
  const chains = { liar, honest };
  const { recording } = await watch(chains);
  liar.reorg(0, 300);
  await recording.until(({ known }) => known.at(-1)?.hash === liar.blocks.at(-1)?.hash);
  chains.liar = honest;
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  expect(recording.events.filter(({ kind }) => kind === "finalize")).toEqual([]);
  honest.mine(3);
  await recording.until(({ known }) => known.at(-1)?.hash === honest.blocks.at(-1)?.hash, 8_000);
});

test("STREAM-05: a dispute that ends with the block of who is not followed leaves nobody on the other chain", async () => {
  const [liar, honest] = [makeChain(10), makeChain(10)];
  const chains: Record<string, FakeChain> = { liar, honest };
  const { recording, disputed } = await watch(chains);
  liar.reorg(0, 3);
  honest.mine(3);
  await recording.until(({ known }) => known.at(-1)?.hash === liar.blocks.at(-1)?.hash);
  await recording.until(() => disputed.length > 0);
  honest.mine(1);
  await new Promise((resolve) => setTimeout(resolve, 300));
  // Its head is its own still, and whoever asks for a block of that height is told the other's.
  chains.liar = {
    ...honest,
    answer: (call) => (call.params[0] === "latest" ? liar.answer(call) : honest.answer(call)),
  };
  await recording.until(({ known }) => known.at(-1)?.hash === honest.blocks[12]!.hash, 8_000);
});

test("STREAM-03: of three nodes one that calls another block final keeps none of ours from it", async () => {
  const [chain, later, other] = [makeChain(30), makeChain(30), makeChain(10)];
  other.reorg(5, 25);
  later.finalized = other.finalized = 20;
  const isTag = ({ params: [first] }: WireCall) => first === "safe" || first === "finalized";
  const liar = { ...chain, answer: (call: WireCall) => (isTag(call) ? other : chain).answer(call) };
  const chains: Record<string, FakeChain> = { a: chain, liar, b: chain };
  const { recording } = await watch(chains);
  // One after the other, so that it is the liar's word in between throughout.
  for (const label of ["a", "b"]) {
    await new Promise((resolve) => setTimeout(resolve, 500));
    chains[label] = later;
  }
  await recording.until(({ events }) => events.some((e) => e.kind === "finalize" && e.ref.number === 20n), 8_000);
});

test.each(["a block", "its logs"])(
  "STREAM-14: of three nodes one that tells its head and hangs when it is asked for %s delays not every block",
  async (what) => {
    const chain = makeChain(10);
    const isAsked = ({ method, params: [first] }: WireCall) =>
      what === "its logs" ? method === "eth_getLogs" : !["latest", "safe", "finalized"].includes(first as string);
    const hung: WireCall[] = [];
    const hang = (call: WireCall) => new Promise<never>(() => hung.push(call));
    const answer = (call: WireCall) => (isAsked(call) ? hang(call) : chain.answer(call));
    const { recording } = await watch({ hanging: { ...chain, answer }, a: chain, b: chain }, { timeoutMs: 2_000 });
    const asked: number[] = [];
    for (let i = 0; i < 5; i++) {
      // Its head is heard again meanwhile, and what it was asked for before the first has timed out.
      await new Promise((resolve) => setTimeout(resolve, i === 0 ? 2_500 : 200));
      chain.mine(1);
      await recording.until(({ known }) => known.at(-1)?.hash === chain.blocks.at(-1)?.hash);
      asked.push(hung.length);
    }
    expect(asked[0]).toBeGreaterThan(0);
    expect(asked).toEqual(asked.map(() => asked[0]));
  },
);

test("DET-09: of two nodes one that claims a far head at a first start makes no history of what comes", async () => {
  const honest = makeChain(10);
  for (const from of [null, undefined]) {
    const chains: Record<string, FakeChain> = { honest, liar: claimsHead(honest, 1_000n) };
    const { recording } = await watch(chains, { from });
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    chains.liar = honest;
    await recording.until(({ troubles }) => troubles.some(({ over }) => over === "endpoint-lags"), 8_000);
    honest.mine(1);
    await recording.until(({ known }) => known.at(-1)?.hash === honest.blocks.at(-1)?.hash, 8_000);
    expect(recording.events.findLast(({ kind }) => kind === "block")).toMatchObject({ phase: "live" });
  }
});

test("STREAM-05: of two nodes at a first start one on a fork of its own that stands still does not hold up the other", async () => {
  const [stray, honest] = [makeChain(10), makeChain(10)];
  stray.reorg(0, 3);
  honest.mine(3);
  const { recording } = await watch({ stray, honest }, { from: null });
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  honest.mine(5);
  await recording.until(({ known }) => known.at(-1)?.hash === honest.blocks.at(-1)?.hash, 8_000);
});

test("STREAM-05: of three nodes one that lies finds no gap in that another takes longer than a second", async () => {
  const [chain, liar] = [makeChain(10), makeChain(10)];
  const slow = { ...chain, answer: lateBy(1_300, chain, isNumber) };
  const { recording } = await watch({ slow, liar, honest: chain });
  liar.reorg(0, 3);
  chain.mine(3);
  const isDispute = ({ trouble }: StreamTrouble) => trouble === "endpoint-disagrees";
  await recording.until(({ known, troubles }) => known.length === chain.blocks.length - 1 && troubles.some(isDispute));
  expect(recording.known).toEqual(chain.blocks.slice(1));
  expect(recording.events.filter(({ kind }) => kind === "reorg")).toEqual([]);
  expect(recording.troubles.filter(isDispute).map(({ endpoint }) => endpoint)).toEqual(["liar"]);
});

test("STREAM-14: of two nodes one that tells its head and hangs when it is asked for a block delays not every block", async () => {
  const chain = makeChain(10);
  let hangs = false;
  const answer = (call: WireCall) => (hangs && isNumber(call) ? new Promise<never>(() => {}) : chain.answer(call));
  const { recording } = await watch({ hanging: { ...chain, answer }, a: chain }, { timeoutMs: 8_000 });
  hangs = true;
  for (let i = 0; i < 4; i++) {
    // Its head is heard again meanwhile.
    await new Promise((resolve) => setTimeout(resolve, 200));
    chain.mine(1);
    await recording.until(({ known }) => known.at(-1)?.hash === chain.blocks.at(-1)?.hash, i === 0 ? 20_000 : 6_000);
  }
});

test("STREAM-14: nodes that have all hung once, and are slow, go on naming blocks", async () => {
  const chain = makeChain(10);
  let waits = 0;
  const answer = async (call: WireCall) => {
    if (isNumber(call)) await new Promise((resolve) => setTimeout(resolve, waits));
    return chain.answer(call);
  };
  const { recording } = await watch({ a: { ...chain, answer }, b: { ...chain, answer } }, { timeoutMs: 2_000 });
  waits = 3_000;
  chain.mine(1);
  await recording.until(({ troubles }) => troubles.filter(({ trouble }) => trouble === "endpoint-down").length === 2);
  waits = 1_300;
  chain.mine(1);
  await recording.until(({ known }) => known.at(-1)?.hash === chain.blocks.at(-1)?.hash, 12_000);
});

test("STREAM-03: of two nodes one makes none of its blocks final while history is caught up with", async () => {
  const [liar, honest] = [makeChain(100), makeChain(100)];
  liar.reorg(90, 90);
  liar.finalized = honest.finalized = 95;
  const chains = { liar, honest };
  const { recording } = await watch(chains);
  chains.liar = honest;
  honest.mine(1);
  await recording.until(({ known }) => known.at(-1)?.hash === honest.blocks.at(-1)?.hash, 8_000);
});

test("STREAM-03: of three nodes one that alone names a final block keeps none from it by their depth", async () => {
  const chain = makeChain(300);
  chain.finalized = undefined;
  const other = { ...chain, finalized: 1 };
  const answer = (call: WireCall) => (isTag(call) ? describeTag(call, other.blocks[1]!) : chain.answer(call));
  const { recording } = await watch({ a: chain, liar: { ...chain, answer }, b: chain });
  await recording.until(({ events }) => events.some((e) => e.kind === "finalize" && e.ref.number === 43n), 8_000);
});

test("STREAM-11: of two nodes one that always claims a far head makes no history of what comes", async () => {
  const honest = makeChain(10);
  const { recording } = await watch({ honest, liar: claimsHead(honest, 1_000n) });
  await recording.until(({ troubles }) => troubles.map(tell).includes("endpoint-lags of honest (freeze)"));
  await new Promise((resolve) => setTimeout(resolve, 500));
  honest.mine(2);
  await recording.until(({ known }) => known.at(-1)?.hash === honest.blocks.at(-1)?.hash, 8_000);
  expect(recording.events.findLast(({ kind }) => kind === "block")).toMatchObject({ phase: "live" });
});

test("STREAM-11: of three nodes one with an old head makes nothing live that is history, whoever is heard last", async () => {
  const chain = makeChain(50);
  const old = {
    ...chain,
    answer: (call: WireCall) => chain.answer(isLatest(call) ? { ...call, params: ["0x1"] } : call),
  };
  const { recording } = await watch({ a: chain, old, late: { ...chain, answer: lateBy(500, chain, isLatest) } });
  const live = recording.events.flatMap((e) => (e.kind === "block" && e.phase === "live" ? [e.bundle.ref.number] : []));
  expect(live).toEqual([49n]);
});

test("STREAM-11: where nodes have just parted, a first start begins nowhere near a third one that is far behind", async () => {
  const [one, other] = [makeChain(1_300), makeChain(1_300)];
  other.reorg(1, 1);
  const old = { ...one, answer: (call: WireCall) => one.answer(isLatest(call) ? { ...call, params: ["0x5"] } : call) };
  const { recording } = await watch({ one, other, old }, { from: null });
  await recording.until(({ known }) => known.length > 0);
  expect(recording.known[0]!.number).toBeGreaterThanOrEqual(1_299n - 1_024n);
});

test("STREAM-14: of three nodes one that gives logs just in time delays not every block", async () => {
  const [chain, ahead] = [makeChain(10), makeChain(10)];
  let asked = 0;
  const answer = async (call: WireCall) => {
    if (call.method === "eth_getLogs") {
      asked += 1;
      await new Promise((resolve) => setTimeout(resolve, 1_500));
    }
    return ahead.answer(call);
  };
  const { recording } = await watch({ late: { ...chain, answer }, a: chain, b: chain });
  const seen: number[] = [];
  for (let i = 0; i < 4; i++) {
    ahead.mine(1);
    await new Promise((resolve) => setTimeout(resolve, 200));
    chain.mine(1);
    await recording.until(({ known }) => known.at(-1)?.hash === chain.blocks.at(-1)?.hash);
    seen.push(asked);
  }
  expect(seen).toEqual(seen.map(() => seen[0]));
});

test("STREAM-14: of three nodes one that names blocks and gives none by hash holds up nobody where another is slow", async () => {
  const chain = makeChain(10);
  let isSlow = false;
  const late = async (call: WireCall) => {
    if (isSlow && isNumber(call)) await new Promise((resolve) => setTimeout(resolve, 1_500));
    return chain.answer(call);
  };
  const bare = (call: WireCall) =>
    call.method === "eth_getBlockByHash" ? refusal(call, -32_000, "not available") : chain.answer(call);
  const nodes = { late: { ...chain, answer: late }, bare: { ...chain, answer: bare }, honest: chain };
  const { recording } = await watch(nodes, { scopes: ["L", "X"] });
  isSlow = true;
  for (let i = 0; i < 3; i++) {
    chain.mine(1);
    await recording.until(({ known }) => known.at(-1)?.hash === chain.blocks.at(-1)?.hash, 8_000);
  }
});

test("STREAM-04: of three nodes one that names the right transactions gives no others for them by hash", async () => {
  const [chain, ahead] = [makeChain(10), makeChain(10)];
  const answer = (call: WireCall) => {
    const given = chain.answer(call);
    const isBody = call.method === "eth_getBlockByHash";
    return isBody ? { ...given, result: { ...(given.result as object), transactions: [] } } : given;
  };
  const chains: Record<string, Shown> = { late: ahead, liar: { ...chain, answer }, honest: chain };
  const { recording } = await watch(chains, { scopes: ["L", "X"] });
  chains.late = { ...ahead, answer: lateBy(1_500, ahead, isNumber) };
  // So that it is heard after the others.
  chains.honest = { ...chain, answer: lateBy(100, chain, isLatest) };
  ahead.mine(1);
  await new Promise((resolve) => setTimeout(resolve, 300));
  chain.mine(1);
  await recording.until(({ known }) => known.at(-1)?.hash === chain.blocks.at(-1)?.hash, 8_000);
  const last = recording.events.findLast((event) => event.kind === "block");
  expect(last?.bundle.txs.length).toBe(1);
});

test("STREAM-11: of two nodes at a first start one far ahead on a chain of its own does not keep the watch from the other's", async () => {
  const [honest, liar] = [makeChain(10), makeChain(10)];
  liar.reorg(2, 500);
  const chains = { honest, liar };
  const { recording } = await watch(chains, { from: null });
  await recording.until(({ known }) => known.length > 0);
  chains.liar = honest;
  honest.mine(3);
  await recording.until(({ known }) => known.at(-1)?.hash === honest.blocks.at(-1)?.hash, 8_000);
});

test("STREAM-14: a node that refused to tell its head for a time is told down, and recovered though nobody needs it", async () => {
  const chain = makeChain(10);
  const chains: Record<string, Shown> = { a: chain, b: chain, busy: chain };
  const { recording } = await watch(chains);
  chains.busy = { ...chain, answer: (call) => refusal(call, -32_005, "limit exceeded") };
  await recording.until(({ troubles }) => troubles.map(tell).includes("endpoint-down of busy"));
  chains.busy = chain;
  await recording.until(({ troubles }) => troubles.map(tell).includes("recovered of busy"), 5_000);
});

function claimsHead(chain: FakeChain, number: bigint): FakeChain {
  const head = { ...chain.blocks.at(-1)!, number };
  return {
    ...chain,
    answer: (call) =>
      call.params[0] === "latest" ? { ...chain.answer(call), result: describeRef(head) } : chain.answer(call),
  };
}

function isNumber({ method, params: [first] }: WireCall): boolean {
  return method === "eth_getBlockByNumber" && /^0x/.test(first as string);
}

/** What `chain` answers, `ms` later where it is asked for what `isMeant`. */
function lateBy(ms: number, chain: FakeChain, isMeant: (call: WireCall) => boolean) {
  return async (call: WireCall): Promise<WireAnswer> => {
    if (isMeant(call)) await new Promise((resolve) => setTimeout(resolve, ms));
    return chain.answer(call);
  };
}

function isTag({ params: [first] }: WireCall): boolean {
  return first === "safe" || first === "finalized";
}

function describeTag({ id }: WireCall, ref: BlockRef): WireAnswer {
  return { jsonrpc: "2.0", id, result: describeRef(ref) };
}

function isLatest({ params: [first] }: WireCall): boolean {
  return first === "latest";
}

function describeRef({ number, hash, parentHash, timestamp }: BlockRef) {
  const quantity = (value: bigint) => `0x${value.toString(16)}`;
  const logsBloom = `0x${"00".repeat(256)}`;
  return { number: quantity(number), timestamp: quantity(timestamp), hash, parentHash, logsBloom, transactions: [] };
}
