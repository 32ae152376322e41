// Whether what an earlier run has judged is what the nodes have.
import type { BlockRef } from "@testudo/core/model/BlockBundle";
import { afterEach, expect, test } from "vitest";
import { openEndpoint } from "../rpc/rpcEndpoint.ts";
import { type FakeChain, makeChain } from "../testkit/fakeChain.testkit.ts";
import { type FaultyNode, serveCalls } from "../testkit/faultyNode.testkit.ts";
import { watchBlocks } from "./watchBlocks.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** Nodes with `chains`, which answer for no block but the newest until `open`, and a watch that goes on at block 9 of the first. */
async function goOn(chains: readonly FakeChain[], quorum: number, lateMs: readonly number[] = []) {
  const from = chains[0]!.blocks[9]!;
  let open = () => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  const serve = async (chain: FakeChain, i: number): Promise<FaultyNode> =>
    serveCalls(async (call) => {
      if (String(call.params[0]).startsWith("0x")) await opened;
      else await new Promise((resolve) => setTimeout(resolve, lateMs[i] ?? 0));
      return chain.answer(call);
    });
  const nodes = await Promise.all(chains.map(serve));
  const stop = new AbortController();
  const endpoints = nodes.map(({ url }, i) => openEndpoint(url, { label: `node ${i + 1}` }));
  const stream = watchBlocks({
    ...{ endpoints, quorum, scopes: ["L"], pollMs: 10, blockTimeMs: 60_000, liveFrom: 0n, from },
    ...{ refs: chains[0]!.blocks.slice(0, 10), signal: stop.signal },
  });
  const taken: BlockRef[] = [];
  const run = async () => {
    for await (const event of stream) if (event.kind === "block") taken.push(event.bundle.ref);
  };
  const done = run();
  closers.push(
    ...nodes.map(({ close }) => close),
    ...endpoints.map(({ close }) => close),
    () => done,
    () => stop.abort(),
    open,
  );
  return { stream, from, taken, open };
}

const looks = () => new Promise((resolve) => setTimeout(resolve, 150));

test("GATE-02: a block stands where nothing has come since", async () => {
  const chain = makeChain(10);
  const { stream, from } = await goOn([chain, chain], 2);
  await expect.poll(() => stream.stands(from)).toBe(true);
});

test.each([1, 0])(
  "GATE-02: a block of which the nodes have another does not stand, on a chain %i blocks shorter",
  async (shorter) => {
    const [chain, forked] = [makeChain(10), makeChain(10)];
    forked.reorg(3, 3 - shorter);
    const { stream, from, taken, open } = await goOn([chain, forked, forked], 2);
    await expect.poll(() => stream.head()).toBe(BigInt(9 - shorter));
    await looks();
    expect(stream.stands(from)).toBe(false);
    open();
    await expect.poll(() => taken.at(-1)).toEqual(forked.blocks.at(-1));
    expect([stream.stands(from), stream.stands(taken.at(-1)!)]).toEqual([false, true]);
  },
);

test("GATE-02: no block stands before all nodes were heard: the first may be behind", async () => {
  const [chain, behind] = [makeChain(15), makeChain(10)];
  const { stream, from } = await goOn([chain, behind, chain], 2, [0, 0, 400]);
  await expect.poll(() => stream.head()).toBe(9n);
  expect(stream.stands(from)).toBe(false);
  await expect.poll(() => stream.head()).toBe(14n);
});
