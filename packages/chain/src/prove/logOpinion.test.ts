// What one node of several can make of a block's logs where nobody shows its receipts.
import type { Hex } from "@testudo/core/model/Hex";
import { afterEach, expect, test } from "vitest";
import { closeAll, type Shown, watch } from "../testkit/disputes.testkit.ts";
import { type FakeChain, makeChain } from "../testkit/fakeChain.testkit.ts";
import { changed, dataOf, type Fields, falsely, toldBy, untilHead } from "../testkit/logs.testkit.ts";

afterEach(closeAll);

const noBloom: Hex = `0x${"00".repeat(256)}`;
/** `chain` with a transaction in each block, whose headers leave the bloom empty, as some rollups do. */
const withoutBloom = (chain: FakeChain): FakeChain =>
  ({
    ...chain,
    ...changed(chain, (_, answer) => {
      const block = answer.result as Fields | undefined;
      return block?.logsBloom === undefined
        ? answer
        : { ...answer, result: { ...block, logsBloom: noBloom, transactions: [`0x${"7a".repeat(32)}`] } };
    }),
  }) as FakeChain;
const hiding = (chain: FakeChain): Shown =>
  changed(chain, ({ method }, answer) => (method === "eth_getLogs" ? { ...answer, result: [] } : answer));

async function take(chains: Record<string, Shown>, chain: FakeChain, blocks = 3) {
  const watched = await watch(chains);
  for (let i = 0; i < blocks; i += 1) {
    chain.mine(1);
    await untilHead(watched, chain);
  }
  return watched;
}

test("STREAM-20: of three nodes one that changes what logs hold is outvoted and told, though nobody can prove them", async () => {
  const chain = makeChain(5);
  const watched = await take({ liar: falsely(chain), one: chain, two: chain }, chain);
  expect(dataOf(watched, 5n)).toEqual(Array(3).fill("0x01"));
  expect(toldBy(watched)).toEqual(["endpoint-disagrees of liar"]);
  expect(watched.recording.troubles[0]!.message).toMatch(/^Node liar tells other logs of block 4 than two others\.\n/);
});

test("STREAM-20: where headers have no bloom, one of three that hides all logs is outvoted", async () => {
  const chain = withoutBloom(makeChain(5));
  const watched = await take({ liar: hiding(chain), one: chain, two: chain }, chain);
  expect(dataOf(watched, 5n)).toEqual(Array(3).fill("0x01"));
  expect(toldBy(watched)).toEqual(["endpoint-disagrees of liar"]);
});

test("STREAM-20: of two the word of the first is taken, that they differ is told, and that they agree again", async () => {
  const chain = makeChain(5);
  const chains: Record<string, Shown> = { one: chain, two: falsely(chain) };
  const watched = await take(chains, chain, 2);
  expect(dataOf(watched, 5n)).toEqual(Array(2).fill("0x01"));
  expect(toldBy(watched)).toEqual(["endpoint-disagrees of logs"]);
  expect(watched.recording.troubles[0]!.message).toBe(
    "Nodes one and two tell different logs of block 4, and no third can be asked: what is read is the word of one.",
  );
  chains.two = chain;
  chain.mine(1);
  await untilHead(watched, chain);
  expect(toldBy(watched)).toEqual(["endpoint-disagrees of logs", "recovered of logs"]);
});

test("STREAM-20: a node that has the logs of a new block a moment later than its header is not blamed", async () => {
  const chain = withoutBloom(makeChain(5));
  const shownAt = new Map<unknown, number>();
  const slow = changed(chain, ({ method, params: [filter] }, answer) => {
    if (method !== "eth_getLogs") return answer;
    const { blockHash } = filter as { blockHash: Hex };
    const sinceMs = shownAt.get(blockHash) ?? Date.now();
    shownAt.set(blockHash, sinceMs);
    return Date.now() - sinceMs < 150 ? { ...answer, result: [] } : answer;
  });
  const watched = await take({ slow, one: chain, two: chain }, chain);
  expect(dataOf(watched, 5n)).toEqual(Array(3).fill("0x01"));
  expect(toldBy(watched)).toEqual([]);
});

/** How many ms each of six blocks takes to be given. */
async function timesOf(watched: Awaited<ReturnType<typeof watch>>, chain: FakeChain): Promise<number[]> {
  const tookMs: number[] = [];
  for (let i = 0; i < 6; i += 1) {
    const startMs = performance.now();
    chain.mine(1);
    await untilHead(watched, chain);
    tookMs.push(performance.now() - startMs);
  }
  return tookMs;
}

test("STREAM-20: one that hangs over logs holds up a block for a second, once", async () => {
  const chain = makeChain(5);
  let isHanging = false;
  const hanging = changed(chain, ({ method }, answer) =>
    method === "eth_getLogs" && isHanging ? new Promise(() => {}) : answer,
  );
  const watched = await watch({ one: chain, hanging });
  isHanging = true;
  const [firstMs, ...laterMs] = await timesOf(watched, chain);
  expect(dataOf(watched, 5n)).toEqual(Array(6).fill("0x01"));
  expect(firstMs).toBeGreaterThan(900);
  // Waiting takes a second; a busy machine may do so once.
  expect(laterMs.filter((ms) => ms > 900).length).toBeLessThanOrEqual(1);
});

test("STREAM-20: one that tells other logs and hangs when it is asked again holds up a block for a second, once", async () => {
  const chain = makeChain(5);
  let isHanging = false;
  const asked = new Set<unknown>();
  const other = falsely(chain);
  const again: Shown = {
    ...other,
    answer(call) {
      const { blockHash } = (call.params[0] ?? {}) as { blockHash?: Hex };
      const isAgain = call.method === "eth_getLogs" && asked.has(blockHash);
      if (call.method === "eth_getLogs") asked.add(blockHash);
      return isAgain && isHanging ? new Promise(() => {}) : other.answer(call);
    },
  };
  const watched = await watch({ one: chain, again });
  isHanging = true;
  const [firstMs, ...laterMs] = await timesOf(watched, chain);
  expect(dataOf(watched, 5n)).toEqual(Array(6).fill("0x01"));
  expect(toldBy(watched).filter((told) => told.startsWith("endpoint"))).toEqual(["endpoint-disagrees of logs"]);
  expect(firstMs).toBeGreaterThan(1_200);
  expect(laterMs.filter((ms) => ms > 900).length).toBeLessThanOrEqual(1);
});

test("STREAM-20: of history, and where only one node is, nobody else is asked", async () => {
  const chain = makeChain(5);
  const { recording, nodes } = await watch({ liar: falsely(chain), one: chain });
  // The head at the start is live.
  const asked = nodes.get("one")!.seen.calls.get("eth_getLogs");
  expect(dataOf({ recording }, 1n)).toEqual(["0x02", "0x02", "0x02", "0x02"]);
  expect(asked).toBeLessThanOrEqual(2);
  const alone = await take({ only: falsely(chain) }, chain, 1);
  expect(dataOf(alone, 5n)).toEqual(["0x02"]);
  expect(toldBy(alone)).toEqual([]);
});
