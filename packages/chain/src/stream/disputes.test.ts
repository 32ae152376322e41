// What one node of two or three can do to the stream by a chain of its own.
import type { BlockRef } from "@testudo/core/model/BlockBundle";
import type { StreamTrouble } from "@testudo/core/model/ChainEvent";
import { afterEach, expect, test } from "vitest";
import { describe as tell } from "../testkit/collect.testkit.ts";
import {
  claimsHead,
  closeAll,
  describeRef,
  describeTag,
  isTag,
  type Shown,
  watch,
} from "../testkit/disputes.testkit.ts";
import { type FakeChain, makeChain } from "../testkit/fakeChain.testkit.ts";
import { deepList, refusal, type WireCall } from "../testkit/faultyNode.testkit.ts";

afterEach(closeAll);

test("STREAM-05: of two nodes one that runs ahead on a chain of its own does not hide the other's", async () => {
  const [honest, liar] = [makeChain(10), makeChain(10)];
  const chains = { honest, liar };
  const { recording, disputed } = await watch(chains);
  liar.reorg(0, 5);
  await recording.until(({ known }) => known.at(-1)?.number === 14n);
  honest.mine(1);
  // It may be told at first of a block that the one had before its newest.
  await recording.until(() => disputed.includes("liar 14 / honest 10"));
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

test("STREAM-06: of three nodes one that names a block with an empty bloom hides none of its logs", async () => {
  const chain = makeChain(10);
  const logsBloom = `0x${"00".repeat(256)}`;
  const answer = (call: WireCall) => {
    const given = chain.answer(call);
    return { ...given, result: call.method === "eth_getLogs" ? [] : { ...(given.result as object), logsBloom } };
  };
  const { recording } = await watch({ liar: { ...chain, answer }, a: chain, b: chain });
  const counts = recording.events.flatMap((event) => (event.kind === "block" ? [event.bundle.logs.length] : []));
  expect(counts).toEqual(new Array(9).fill(1));
});

test("STREAM-04: of three nodes one that names a block with another time gives it to nobody", async () => {
  const chain = makeChain(10);
  const answer = (call: WireCall) => {
    const given = chain.answer(call);
    return call.method === "eth_getLogs"
      ? given
      : { ...given, result: { ...(given.result as object), timestamp: "0x1" } };
  };
  const { recording } = await watch({ liar: { ...chain, answer }, a: chain, b: chain });
  expect(recording.known).toEqual(chain.blocks.slice(1));
});

test("STREAM-05: a third node that nobody asks for blocks, and shows others, is told without a freeze, and when it is back", async () => {
  const [one, two, third] = [makeChain(10), makeChain(10), makeChain(10)];
  const chains = { one, two, third };
  const { recording, disputed } = await watch(chains);
  for (const chain of [one, two, third]) chain.mine(1);
  await recording.until(({ known }) => known.at(-1)?.number === 10n);
  third.reorg(1, 1);
  await recording.until(({ troubles }) => troubles.map(tell).includes("endpoint-disagrees of third"));
  const [told] = recording.troubles;
  expect(told?.message).toBe(
    `Block 10 is ${one.blocks[10]!.hash} at one and two and ${third.blocks[10]!.hash} at third.`,
  );
  chains.third = one;
  for (const chain of [one, two]) chain.mine(1);
  await recording.until(({ troubles }) => troubles.map(tell).includes("recovered of third"));
  expect(disputed.filter((one) => one !== undefined)).toEqual([]);
});

test.each(["result", "error"])(
  "STREAM-14: of three nodes one whose answer nests deeper than a stack does not end the stream, as %s",
  async (part) => {
    const chain = makeChain(10);
    const answer = (call: WireCall) =>
      call.method === "eth_getLogs" ? { jsonrpc: "2.0", id: call.id, [part]: deepList } : chain.answer(call);
    const { recording } = await watch({ liar: { ...chain, answer }, a: chain, b: chain });
    expect(recording.known).toEqual(chain.blocks.slice(1));
  },
);

test("STREAM-14: of three nodes one whose head is too large to be one is down, and keeps nobody busy with it", async () => {
  const chain = makeChain(10);
  const answer = (call: WireCall) => {
    const given = chain.answer(call);
    const isHead = call.params[0] === "latest";
    return isHead ? { ...given, result: { ...(given.result as object), extraData: "0".repeat(17 * 2 ** 20) } } : given;
  };
  const chains: Record<string, Shown> = { liar: chain, a: chain, b: chain };
  const { recording } = await watch(chains);
  chains.liar = { ...chain, answer };
  const isTold = (what: StreamTrouble["trouble"]) =>
    recording.until(({ troubles }) => troubles.some((one) => one.trouble === what && one.endpoint === "liar"));
  await isTold("endpoint-down");
  chains.liar = chain;
  await isTold("recovered");
});

test("STREAM-05: where as many show other blocks as ours, and either are a quorum, nothing is sent until they are back", async () => {
  const [ours, theirs] = [makeChain(10), makeChain(10)];
  const chains = { one: ours, two: ours, three: theirs, four: theirs };
  const { recording } = await watch(chains);
  for (const chain of [ours, theirs]) chain.mine(1);
  await recording.until(({ known }) => known.at(-1)?.number === 10n);
  theirs.reorg(1, 1);
  const told = (trouble: string) => recording.troubles.filter((one) => tell(one).startsWith(trouble));
  await recording.until(() => told("endpoint-disagrees of").filter(({ freeze }) => freeze).length === 2);
  const apart = told("endpoint-disagrees of").map(({ endpoint }) => endpoint as keyof typeof chains);
  for (const label of new Set(apart))
    chains[label] = recording.known.at(-1)!.hash === ours.blocks[10]!.hash ? ours : theirs;
  for (const chain of [ours, theirs]) chain.mine(1);
  await recording.until(() => new Set(told("recovered of").map(({ endpoint }) => endpoint)).size === 2);
  await recording.until(({ troubles }) => troubles.at(-1)?.freeze === false);
});
