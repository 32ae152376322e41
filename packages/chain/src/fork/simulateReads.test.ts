import type { BlockRef } from "@testudo/core/model/BlockBundle";
import type { Hex } from "@testudo/core/model/Hex";
import type { StateAnswer, StateRead } from "@testudo/core/model/StateRead";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fetchBlock } from "../block/fetchBundle.ts";
import { type Endpoint, openEndpoint } from "../rpc/rpcEndpoint.ts";
import { openStateReader } from "../state/readState.ts";
import { type Fork, openFork } from "./forkAt.ts";
import { simulateReads } from "./simulateReads.ts";
import { type Anvil, startAnvil } from "./startAnvil.ts";

let anvil: Anvil;
let node: Endpoint;
let fork: Fork;
let ref: BlockRef;
beforeAll(async () => {
  anvil = await startAnvil({});
  node = openEndpoint(anvil.url, { label: "node" });
  await node.request("evm_mine");
  ref = (await fetchBlock(node, 1n, false)).ref;
  fork = openFork([node]);
});
afterAll(async () => {
  await fork?.stop();
  node?.close();
  await anvil?.stop();
});

const from: Hex = `0x${"ee".repeat(20)}`;
const store: Hex = `0x${"11".repeat(20)}`;
const slot: Hex = `0x${"00".repeat(32)}`;
// Stores its first word of calldata at slot 0, and fails where that is zero.
const code: Hex = "0x5f358015600a575f55005bfe";
const word = (n: number): Hex => `0x${n.toString(16).padStart(64, "0")}`;
const tryCalls = (...data: Hex[]): StateRead => ({
  kind: "simulate",
  at: "block",
  calls: data.map((one) => ({ from, to: store, value: 0n, data: one })),
  slots: [{ address: store, slot }],
});

test("TRIAL-01: calls are run in a stranger's name after the block, their slots read, and all is forgotten", async () => {
  await node.request("anvil_setCode", [store, code]);
  await node.request("evm_mine");
  ref = (await fetchBlock(node, 2n, false)).ref;
  const reader = simulateReads(openStateReader([node]), fork);
  const plain: StateRead = { kind: "slot", at: "block", address: store, slot };
  const [before, tried, after] = await reader.read(ref, [plain, tryCalls(word(7), word(0), word(9)), plain]);
  expect([before, after]).toEqual([
    { ok: true, value: word(0) },
    { ok: true, value: word(0) },
  ]);
  expect(tried).toMatchObject({
    ok: true,
    value: word(9),
    runs: [{ succeeded: true }, { succeeded: false }, { succeeded: true }],
  });
  const runs = tried?.ok === true ? tried.runs : [];
  expect(runs?.map(({ trace }) => [trace.from, trace.to, trace.input])).toEqual([
    [from, store, word(7)],
    [from, store, word(0)],
    [from, store, word(9)],
  ]);
  expect(await reader.read(ref, [tryCalls()])).toMatchObject([{ ok: true, value: word(0), runs: [] }]);
});

test("TRIAL-02: a fork that fails, one that takes too long, and none at all are answers that are not ok", async () => {
  const plain: StateRead = { kind: "balance", at: "block", address: store };
  const failing: Fork = { ...fork, inspect: () => Promise.reject(new Error("gone\nand more")) };
  const slow: Fork = { ...fork, inspect: () => new Promise(() => {}) };
  const node0 = openStateReader([node]);
  const ask = (reader: typeof node0): Promise<StateAnswer[]> => reader.read(ref, [tryCalls(word(1)), plain]);
  const balance = { ok: true, value: word(0) };
  expect(await ask(simulateReads(node0, failing))).toEqual([{ ok: false, error: "unavailable: gone" }, balance]);
  expect(await ask(simulateReads(node0, slow, 50))).toEqual([
    { ok: false, error: "unavailable: the fork took too long" },
    balance,
  ]);
  expect(await ask(node0)).toEqual([
    { ok: false, error: "unsupported: there is no fork and no other chain here" },
    balance,
  ]);
});
