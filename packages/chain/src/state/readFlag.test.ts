import { functionSelector } from "@testudo/core/model/signatureHash";
import { expect, test } from "vitest";
import { RpcUnreachable } from "../rpc/RpcError.ts";
import type { Endpoint, RpcAnswer, RpcCall } from "../rpc/rpcEndpoint.ts";
import { readFlag } from "./readFlag.ts";

const flag = { contract: `0x${"f1".repeat(20)}`, selector: functionSelector("halted()") } as const;
const word = (n: number) => `0x${n.toString(16).padStart(64, "0")}`;

/** A node at block `height` that answers `said`, or throws it. */
function node(label: string, said: unknown, height = 9): Endpoint {
  const batch = async (calls: readonly RpcCall[]): Promise<RpcAnswer[]> => {
    expect(calls).toEqual([
      { method: "eth_blockNumber", params: [] },
      { method: "eth_call", params: [{ to: flag.contract, data: flag.selector }, "latest"] },
    ]);
    if (said instanceof Error) throw said;
    return [`0x${height.toString(16)}`, said].map((result) => ({ ok: true, result }));
  };
  return { label, url: "http://127.0.0.1", timeoutMs: 1, request: async () => null, batch, close: () => {} };
}

const away = new RpcUnreachable("b", "it is away");
const [off, on] = [word(0), word(1)];

test.each([
  ["all say off", [off, off], 2, "off"],
  ["one says on", [off, off, on], 2, "on"],
  ["one that is no bit says on", [off, word(2)], 1, "on"],
  ["enough say off, one is away", [off, off, away], 2, "off"],
  ["one says on, the rest are away", [away, on], 2, "on"],
  ["too few say off", [off, away], 2, "unread"],
  ["one says off and the rest are away, whatever the quorum", [off, away, away], 1, "unread"],
  ["half say off", [off, away], 1, "unread"],
  ["no contract is there", ["0x", "0x"], 2, "unread"],
  ["a contract that answers two words", [off + off.slice(2)], 1, "unread"],
  ["a number in the place of a word", ["0x0"], 1, "unread"],
  ["nodes that say nothing", [null, undefined], 1, "unread"],
] as const)("RESP-07: %s", async (_, said, quorum, state) => {
  const nodes = said.map((one, i) => node("abc"[i]!, one));
  expect(await readFlag(nodes, flag, { quorum })).toMatchObject({ state });
});

test("RESP-07: a node that is behind the judged block cannot say that it is off, and can that it is on", async () => {
  const read = (...said: Endpoint[]) => readFlag(said, flag, { quorum: 2, least: 9n });
  expect(await read(node("a", off), node("b", off), node("c", away))).toEqual({ state: "off" });
  expect(await read(node("a", off), node("b", off, 8), node("c", away))).toMatchObject({
    state: "unread",
    why: expect.stringContaining("b: it is at block 8, behind 9"),
  });
  expect(await read(node("a", off), node("b", on, 1))).toMatchObject({ state: "on", by: "b" });
});

test("RESP-07: who said that it is on is named, and why it could not be read", async () => {
  expect(await readFlag([node("a", off), node("b", on)], flag, { quorum: 1 })).toEqual({
    ...{ state: "on", by: "b", not: ["a"] },
  });
  const unread = await readFlag([node("a", off), node("b", away)], flag, { quorum: 2 });
  expect(unread).toMatchObject({ why: expect.stringMatching(/^1 of 2 nodes say that it is off, 2 have to; b: /) });
  expect(await readFlag([node("a", off)], flag, { quorum: 2 })).toMatchObject({
    why: "1 of 1 nodes say that it is off, 2 have to.",
  });
});
