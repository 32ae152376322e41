import type { BlockRef } from "@testudo/core/model/BlockBundle";
import fc from "fast-check";
import { expect, test } from "vitest";
import { openEndpoint } from "../rpc/rpcEndpoint.ts";
import { type FakeChain, makeChain } from "../testkit/fakeChain.testkit.ts";
import { serveCalls } from "../testkit/faultyNode.testkit.ts";
import { watchBlocks } from "./watchBlocks.ts";

// A change of the chain that happens while the node answers its n-th next call: between a block and its logs, between
// the two halves of a search for the ancestor, wherever it hurts.
const change = fc.record({
  afterCalls: fc.integer({ min: 0, max: 12 }),
  depth: fc.integer({ min: 0, max: 12 }),
  length: fc.integer({ min: 0, max: 15 }),
});

test("STREAM-01, STREAM-02: whatever the reorgs, events are continuous and end on the canonical chain", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 8 }), fc.integer({ min: 1, max: 7 }), follow),
    { numRuns: 120 },
  );
});

interface Change {
  readonly afterCalls: number;
  readonly depth: number;
  readonly length: number;
}

async function follow(changes: readonly Change[], batchBlocks: number): Promise<void> {
  const chain = makeChain(20);
  const open = [...changes];
  let longest = chain.blocks.length;
  let wait = open[0]?.afterCalls ?? 0;
  const node = await serveCalls((call) => {
    if (open.length > 0 && wait-- <= 0) {
      const { depth, length } = open.shift()!;
      chain.reorg(depth, length);
      longest = Math.max(longest, chain.blocks.length);
      // A head that is only older is no reorg but a node that lags; the chain grows past it in the end.
      if (open.length === 0) chain.mine(longest - chain.blocks.length + 1);
      wait = open[0]?.afterCalls ?? 0;
    }
    return chain.answer(call);
  });
  const endpoint = openEndpoint(node.url);
  const stop = new AbortController();
  const timeout = setTimeout(() => stop.abort(), 10_000);
  // Only one block is always final: a reorg may go down to it.
  const from = chain.blocks[0]!;
  const watch = watchBlocks({
    endpoints: [endpoint],
    scopes: ["L", "X"],
    from,
    pollMs: 1,
    maxBackoffMs: 4,
    batchBlocks,
    blockTimeMs: 60_000,
    signal: stop.signal,
  });
  try {
    const known: BlockRef[] = [from];
    for await (const event of watch) {
      if (event.kind === "block") {
        expect(event.bundle.ref.parentHash).toBe(known.at(-1)!.hash);
        expect(event.bundle.logs.map((log) => log.topics)).toEqual([[event.bundle.ref.hash]]);
        known.push(event.bundle.ref);
      } else if (event.kind === "reorg") {
        const fallen = known.splice(known.findIndex((ref) => ref.hash === event.ancestor.hash) + 1);
        expect(event.orphaned).toEqual(fallen.reverse());
        expect(known.at(-1)).toEqual(event.ancestor);
      } else if (event.kind === "trouble") expect(event.trouble).not.toBe("deep-reorg");
      if (open.length === 0 && isAtHead(known, chain)) break;
    }
    expect(stop.signal.aborted).toBe(false);
    expect(known).toEqual(chain.blocks);
  } finally {
    clearTimeout(timeout);
    stop.abort();
    endpoint.close();
    await node.close();
  }
}

function isAtHead(known: readonly BlockRef[], { blocks }: FakeChain): boolean {
  return known.at(-1)?.hash === blocks.at(-1)?.hash;
}
