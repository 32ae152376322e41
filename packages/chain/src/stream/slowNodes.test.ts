// What one node can do to the stream by being late, or by answering only some questions.
import type { StreamTrouble } from "@testudo/core/model/ChainEvent";
import { afterEach, expect, test } from "vitest";
import { describe as tell } from "../testkit/collect.testkit.ts";
import { closeAll, isLatest, isNumber, lateBy, type Shown, watch } from "../testkit/disputes.testkit.ts";
import { makeChain } from "../testkit/fakeChain.testkit.ts";
import { refusal, type WireCall } from "../testkit/faultyNode.testkit.ts";

afterEach(closeAll);

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
    const tookMs: number[] = [];
    for (let i = 0; i < 5; i++) {
      // Its head is heard again meanwhile, and what it was asked for before the first has timed out.
      await new Promise((resolve) => setTimeout(resolve, i === 0 ? 2_500 : 200));
      const startMs = performance.now();
      chain.mine(1);
      await recording.until(({ known }) => known.at(-1)?.hash === chain.blocks.at(-1)?.hash);
      asked.push(hung.length);
      tookMs.push(performance.now() - startMs);
    }
    expect(asked[0]).toBeGreaterThan(0);
    // Its logs it is asked for all the same, one block at a time, and nobody waits for them (STREAM-19).
    const most = what === "a block" ? 0 : 1;
    for (const [i, count] of asked.slice(1).entries()) expect(count - asked[i]!).toBeLessThanOrEqual(most);
    // Waiting takes a second; a busy machine may do so once.
    expect(tookMs.slice(1).filter((ms) => ms > 900).length).toBeLessThanOrEqual(1);
  },
);

test("STREAM-14: of three nodes one that hangs when it is asked for the logs of many blocks holds up history once", async () => {
  const chain = makeChain(20);
  let hung = 0;
  const answer = (call: WireCall) => {
    if (call.method !== "eth_getLogs") return chain.answer(call);
    hung += 1;
    return new Promise<never>(() => {});
  };
  // Nineteen blocks, which are asked for at once.
  await watch({ hanging: { ...chain, answer }, a: chain, b: chain }, { timeoutMs: 1_500 });
  expect(hung).toBe(19);
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
  const [seen, tookMs]: [number[], number[]] = [[], []];
  for (let i = 0; i < 4; i++) {
    ahead.mine(1);
    await new Promise((resolve) => setTimeout(resolve, 200));
    const startMs = performance.now();
    chain.mine(1);
    await recording.until(({ known }) => known.at(-1)?.hash === chain.blocks.at(-1)?.hash);
    tookMs.push(performance.now() - startMs);
    seen.push(asked);
  }
  // It is asked all the same, one block at a time, and nobody waits for it (STREAM-19).
  for (const [i, count] of seen.slice(1).entries()) expect(count - seen[i]!).toBeLessThanOrEqual(1);
  expect(tookMs.slice(1).filter((ms) => ms > 900).length).toBeLessThanOrEqual(1);
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

test("STREAM-14: a node that refused to tell its head for a time is told down, and recovered though nobody needs it", async () => {
  const chain = makeChain(10);
  const chains: Record<string, Shown> = { a: chain, b: chain, busy: chain };
  const { recording } = await watch(chains);
  chains.busy = { ...chain, answer: (call) => refusal(call, -32_005, "limit exceeded") };
  await recording.until(({ troubles }) => troubles.map(tell).includes("endpoint-down of busy"));
  chains.busy = chain;
  await recording.until(({ troubles }) => troubles.map(tell).includes("recovered of busy"), 5_000);
});
