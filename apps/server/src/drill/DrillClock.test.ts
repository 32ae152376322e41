import { type Anvil, startAnvil } from "@testudo/chain/fork/startAnvil";
import { openEndpoint } from "@testudo/chain/rpc/rpcEndpoint";
import { afterAll, beforeAll, expect, test } from "vitest";
import { blockNumber, openDrillClock } from "./DrillClock.ts";
import { openLogbook } from "./Logbook.ts";

let anvil: Anvil;
beforeAll(async () => {
  anvil = await startAnvil({ noMining: true });
});
afterAll(() => anvil?.stop());

const action = `0x${"ab".repeat(32)}` as const;

/** A logbook that has read every block, with or without an action that is not on its way yet. */
function book(inHand: readonly `0x${string}`[]) {
  return { ...openLogbook(), head: { number: 1_000n, timestamp: 0n }, inHand: new Set(inHand) };
}

test("behavior: a block is not mined while an action still waits for fork, guardians or sender, and that is told", async () => {
  const endpoint = openEndpoint(anvil.url);
  const seen = book([action]);
  const clock = openDrillClock(endpoint, seen, new AbortController().signal, 2_000);
  const before = await blockNumber(endpoint);
  let isMined = false;
  const mined = clock.nextBlock().then((number) => {
    isMined = true;
    return number;
  });
  await new Promise((resolve) => setTimeout(resolve, 2_500));
  expect([isMined, await blockNumber(endpoint)]).toEqual([false, before]);
  seen.inHand.delete(action);
  expect(await mined).toBe(before + 1n);
  expect(await blockNumber(endpoint)).toBe(before + 1n);
  expect(clock.waitedMs).toBeGreaterThan(0);
  endpoint.close();
});

test("behavior: with no work left blocks come every two seconds, and a stopped drill waits for nobody", async () => {
  const endpoint = openEndpoint(anvil.url);
  const stop = new AbortController();
  const began = Date.now();
  await openDrillClock(endpoint, book([]), stop.signal, 2_000).nextBlock();
  // Timers may fire a millisecond early.
  expect(Date.now() - began).toBeGreaterThanOrEqual(1_990);
  stop.abort();
  const before = await blockNumber(endpoint);
  expect(await openDrillClock(endpoint, book([action]), stop.signal, 2_000).nextBlock()).toBe(before + 1n);
  endpoint.close();
});
