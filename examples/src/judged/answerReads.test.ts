import { RpcRefused } from "@testudo/chain/RpcError";
import type { Endpoint, RpcAnswer, RpcCall } from "@testudo/chain/rpcEndpoint";
import type { BlockRef } from "@testudo/core/model/BlockBundle";
import type { StateRead } from "@testudo/core/model/StateRead";
import { expect, test } from "vitest";
import { openStateReader } from "./answerReads.ts";

const ref: BlockRef = { number: 9n, hash: `0x${"09".repeat(32)}`, parentHash: `0x${"08".repeat(32)}`, timestamp: 1n };
const token = `0x${"aa".repeat(20)}` as const;
const balance: StateRead = { kind: "balance", at: "parent", address: token };
const call: StateRead = { kind: "call", at: "block", to: token, data: "0x18160ddd" };

function nodeThat(answer: (call: RpcCall) => RpcAnswer) {
  const asked: RpcCall[] = [];
  const batch: Endpoint["batch"] = async (calls) => {
    asked.push(...calls);
    return calls.map(answer);
  };
  return { asked, endpoint: { label: "node", url: "http://node", batch } as Endpoint };
}

test("STREAM-09: state is asked by the hash of the block and of its parent, each question once", async () => {
  const { asked, endpoint } = nodeThat(({ method }) => ({
    ok: true,
    result: method === "eth_getBalance" ? "0x5" : "0x",
  }));
  const reader = openStateReader(endpoint, ref);
  const first = await reader([balance, call]);
  expect(await reader([balance, call])).toEqual(first);
  expect(first.map(([, answer]) => answer)).toEqual([
    { ok: true, value: `0x${"0".repeat(63)}5` },
    { ok: true, value: "0x" },
  ]);
  expect(asked).toEqual([
    { method: "eth_getBalance", params: [token, { blockHash: ref.parentHash, requireCanonical: true }] },
    {
      method: "eth_call",
      params: [
        { to: token, data: "0x18160ddd" },
        { blockHash: ref.hash, requireCanonical: true },
      ],
    },
  ]);
});

test("a call that reverts is an answer", async () => {
  const error = new RpcRefused("node", "eth_call", 3, "execution reverted", undefined);
  const { endpoint } = nodeThat(() => ({ ok: false, error }));
  const [[, answer] = []] = await openStateReader(endpoint, ref)([call]);
  expect(answer).toEqual({ ok: false, error: "execution reverted" });
});

test("error: a node without the block is no answer", async () => {
  const error = new RpcRefused("node", "eth_call", -32001, "block not found", undefined);
  const { endpoint } = nodeThat(() => ({ ok: false, error }));
  await expect(openStateReader(endpoint, ref)([call])).rejects.toBe(error);
});
