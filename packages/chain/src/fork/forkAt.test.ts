// What a node can make of a trial whose state it gives.
import type { Address } from "@testudo/core/model/Hex";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fetchBlock } from "../block/fetchBundle.ts";
import { type Endpoint, openEndpoint } from "../rpc/rpcEndpoint.ts";
import { sleep } from "../rpc/sleep.ts";
import { serveChanged, type WireCall } from "../testkit/faultyNode.testkit.ts";
import { type ForkCall, openFork } from "./forkAt.ts";
import { type Anvil, startAnvil } from "./startAnvil.ts";

const from: Address = `0x${"f0".repeat(20)}`;
const readers = Array.from({ length: 12 }, (_, i): Address => `0x${"5e".repeat(19)}${(0x10 + i).toString(16)}`);
let anvil: Anvil;
let node: Endpoint;
beforeAll(async () => {
  anvil = await startAnvil({ noMining: true });
  node = openEndpoint(anvil.url);
  // Each reads a word of its own, which the fork asks its origin for.
  for (const reader of readers) await node.request("anvil_setCode", [reader, "0x5f5450"]);
  await node.request("evm_mine");
});
afterAll(async () => {
  node.close();
  await anvil.stop();
});

test("RESP-03: a node that drips the state of a trial is left for the next one before long, and the trial passes", async () => {
  const isState = ({ method }: WireCall) =>
    ["eth_getStorageAt", "eth_getBalance", "eth_getCode", "eth_getTransactionCount"].includes(method);
  const slow = await serveChanged(anvil.url, async (call, answer) => {
    if (isState(call)) await sleep(300);
    return answer;
  });
  const dripping = openEndpoint(slow.url, { label: "dripping" });
  const fork = openFork([dripping, node], { timeoutMs: 2_500 });
  const number = BigInt((await node.request("eth_blockNumber")) as `0x${string}`);
  const { ref } = await fetchBlock(node, number, false);
  const startMs = performance.now();
  const calls = readers.map((to): ForkCall => ({ from, to, data: "0x" }));
  const results = await fork.replay(ref, calls);
  expect(results.map(({ succeeded }) => succeeded)).toEqual(readers.map(() => true));
  expect(fork.origin()).toBe(node);
  expect(performance.now() - startMs).toBeLessThan(7_000);
  // What the first run left behind takes nothing from those after it.
  await sleep(1_500);
  expect(await fork.replay(ref, calls.slice(0, 2))).toHaveLength(2);
  await fork.stop();
  dripping.close();
  await slow.close();
});
