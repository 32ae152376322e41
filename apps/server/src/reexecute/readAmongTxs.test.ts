// A real anvil; what lies between transactions is compared with what the transactions themselves have logged.

import { fetchBundle } from "@testudo/chain/block/fetchBundle";
import { type Anvil, startAnvil } from "@testudo/chain/fork/startAnvil";
import { type Endpoint, openEndpoint } from "@testudo/chain/rpc/rpcEndpoint";
import { openStateReader } from "@testudo/chain/state/readState";
import { refusal, serveChanged } from "@testudo/chain/testkit/faultyNode.testkit";
import type { BlockBundle } from "@testudo/core/model/BlockBundle";
import type { Address, Hex } from "@testudo/core/model/Hex";
import type { At, StateRead } from "@testudo/core/model/StateRead";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readAmongTxs } from "./readAmongTxs.ts";

// A worker cannot load TypeScript: the built one is run.
const { openExecutor } = (await import(new URL("../../dist/reexecute/Executor.js", import.meta.url).href)) as {
  openExecutor: typeof import("./Executor.ts").openExecutor;
};
const executor = openExecutor({ chainId: 31_337 });
const counter: Address = `0x${"c0".repeat(20)}`;
// Without call data it adds one to slot 0 and logs what was there; with some it answers slot 0.
const counterCode: Hex = "0x366013575f54805f526001015f5560205fa0005b5f545f5260205ff3";
const word = (n: number): Hex => `0x${n.toString(16).padStart(64, "0")}`;

let anvil: Anvil;
let node: Endpoint;
let block: BlockBundle;
let later: BlockBundle;
beforeAll(async () => {
  anvil = await startAnvil({ noMining: true, args: ["--hardfork", "prague", "--order", "fifo"] });
  node = openEndpoint(anvil.url);
  const [from] = (await node.request("eth_accounts")) as [Address];
  await node.request("anvil_setCode", [counter, counterCode]);
  await node.request("evm_mine");
  for (let i = 0; i < 3; i++) await node.request("eth_sendTransaction", [{ from, to: counter, gas: "0x30d40" }]);
  await node.request("evm_mine");
  block = await fetchBundle(node, 2n, ["X", "L"]);
  await node.request("eth_sendTransaction", [{ from, to: counter, gas: "0x30d40" }]);
  await node.request("evm_mine");
  later = await fetchBundle(node, 3n, ["X", "L"]);
});
afterAll(async () => {
  await executor.close();
  node.close();
  await anvil.stop();
});

const slotAt = (at: At): StateRead => ({ kind: "slot", at, address: counter, slot: word(0) });
const callAt = (at: At): StateRead => ({ kind: "call", at, to: counter, data: "0x01" });

test("STREAM-09: before and after each transaction there is the state that it met and left, by word and by call", async () => {
  expect(block.logs.map(({ data }) => Number(data))).toEqual([0, 1, 2]);
  const reader = readAmongTxs(openStateReader([node]), { executor, endpoints: [node] });
  const places = block.txs.flatMap(({ hash }) => [{ beforeTx: hash }, { afterTx: hash }]);
  const words = [0, 1, 1, 2, 2, 3].map((n) => ({ ok: true, value: word(n) }));
  expect(await reader.read(block.ref, places.map(slotAt))).toEqual(words);
  expect(await reader.read(block.ref, places.map(callAt))).toEqual(words);
  // What is asked of the block's ends goes the usual way, in its place.
  const mixed = [slotAt("block"), slotAt({ afterTx: block.txs[0]!.hash }), slotAt("parent")];
  expect(await reader.read(block.ref, mixed)).toEqual([3, 1, 0].map((n) => ({ ok: true, value: word(n) })));
});

test("STREAM-09: a block is executed once, and one without such a question is not", async () => {
  const proxy = await serveChanged(anvil.url, (_, answer) => answer);
  const endpoint = openEndpoint(proxy.url);
  const own = openExecutor({ chainId: 31_337 });
  try {
    const reader = readAmongTxs(openStateReader([endpoint]), { executor: own, endpoints: [endpoint] });
    await reader.read(block.ref, [slotAt("parent"), slotAt("block")]);
    expect(proxy.seen.calls.get("eth_getBlockByHash")).toBeUndefined();
    const places = block.txs.map(({ hash }) => slotAt({ beforeTx: hash }));
    await Promise.all([reader.read(block.ref, places), reader.read(block.ref, places)]);
    // Once for its logs, once with all that was sent.
    expect(proxy.seen.calls.get("eth_getBlockByHash")).toBe(2);
  } finally {
    await own.close();
    endpoint.close();
    await proxy.close();
  }
});

test("STREAM-09: where the block cannot be executed its ends stand for it; why is told once, and once that it is over", async () => {
  let pruned = true;
  const proxy = await serveChanged(anvil.url, (call, answer) =>
    pruned && call.method === "eth_getTransactionCount" ? refusal(call, -32000, "missing trie node") : answer,
  );
  const endpoint = openEndpoint(proxy.url);
  const told: string[] = [];
  // What another one has executed before is not executed again.
  const own = openExecutor({ chainId: 31_337 });
  try {
    const options = {
      executor: own,
      endpoints: [endpoint],
      onChange: (_: unknown, why = "here again") => void told.push(why),
    };
    const reader = readAmongTxs(openStateReader([endpoint]), options);
    const middle = block.txs[1]!.hash;
    const ends = [slotAt({ beforeTx: middle }), slotAt({ afterTx: middle })];
    for (let i = 0; i < 2; i++)
      expect(await reader.read(block.ref, ends)).toEqual([
        { ok: true, value: word(0), standIn: "parent" },
        { ok: true, value: word(3), standIn: "block" },
      ]);
    expect(told).toEqual([expect.stringContaining("missing trie node")]);
    pruned = false;
    const sent = later.txs[0]!.hash;
    const around = [slotAt({ beforeTx: sent }), slotAt({ afterTx: sent })];
    for (let i = 0; i < 2; i++)
      expect(await reader.read(later.ref, around)).toEqual([3, 4].map((n) => ({ ok: true, value: word(n) })));
    expect(told).toEqual([expect.stringContaining("missing trie node"), "here again"]);
  } finally {
    await own.close();
    endpoint.close();
    await proxy.close();
  }
});

test("error: a transaction of another block has no place in this one", async () => {
  const reader = readAmongTxs(openStateReader([node]), { executor, endpoints: [node] });
  const [answer] = await reader.read(block.ref, [slotAt({ beforeTx: word(7) })]);
  expect(answer).toEqual({ ok: false, error: "unavailable: the transaction is not of this block" });
});

test("STREAM-09: a node that names other transactions does not have the others refused", async () => {
  const proxy = await serveChanged(anvil.url, ({ method }, answer) => {
    const { transactions } = (answer.result ?? {}) as { readonly transactions?: readonly unknown[] };
    if (method !== "eth_getBlockByHash" || transactions === undefined) return answer;
    return { ...answer, result: { ...(answer.result as object), transactions: transactions.slice(0, 2) } };
  });
  const liar = openEndpoint(proxy.url);
  const own = openExecutor({ chainId: 31_337 });
  try {
    const reader = readAmongTxs(openStateReader([node]), { executor: own, endpoints: [liar, node] });
    const first = block.txs[0]!.hash;
    expect(await reader.read(block.ref, [slotAt({ afterTx: first })])).toEqual([{ ok: true, value: word(1) }]);
  } finally {
    await own.close();
    liar.close();
    await proxy.close();
  }
});
