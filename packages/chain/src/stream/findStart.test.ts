// Where a stream begins, and what of it is live, whatever one node says of its head.
import { afterEach, expect, test } from "vitest";
import { describe as tell } from "../testkit/collect.testkit.ts";
import { claimsHead, closeAll, isLatest, lateBy, watch } from "../testkit/disputes.testkit.ts";
import { type FakeChain, makeChain } from "../testkit/fakeChain.testkit.ts";
import type { WireCall } from "../testkit/faultyNode.testkit.ts";

afterEach(closeAll);

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
