import { functionSelector } from "@testudo/core/model/signatureHash";
import { expect, test } from "vitest";
import { RpcUnreachable } from "./RpcError.ts";
import { readFlag } from "./readFlag.ts";
import type { Endpoint } from "./rpcEndpoint.ts";

const flag = { contract: `0x${"f1".repeat(20)}`, selector: functionSelector("halted()") } as const;
const word = (n: number) => `0x${n.toString(16).padStart(64, "0")}`;

/** A node that answers `said`, or throws it. */
function node(label: string, said: unknown): Endpoint {
  const request = async (method: string, params?: readonly unknown[]) => {
    expect([method, params]).toEqual(["eth_call", [{ to: flag.contract, data: flag.selector }, "latest"]]);
    if (said instanceof Error) throw said;
    return said;
  };
  return { label, url: "http://127.0.0.1", timeoutMs: 1, request, batch: async () => [], close: () => {} };
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
  ["no contract is there", ["0x", "0x"], 2, "unread"],
  ["a contract that answers two words", [off + off.slice(2)], 1, "unread"],
  ["a number in the place of a word", ["0x0"], 1, "unread"],
  ["nodes that say nothing", [null, undefined], 1, "unread"],
] as const)("RESP-07: %s", async (_, said, quorum, state) => {
  const nodes = said.map((one, i) => node("abc"[i]!, one));
  expect(await readFlag(nodes, flag, { quorum })).toMatchObject({ state });
});

test("RESP-07: who said that it is on is named, and why it could not be read", async () => {
  expect(await readFlag([node("a", off), node("b", on)], flag, { quorum: 1 })).toEqual({ state: "on", by: "b" });
  const unread = await readFlag([node("a", off), node("b", away)], flag, { quorum: 2 });
  expect(unread).toMatchObject({ why: expect.stringMatching(/^1 of 2 nodes say that it is off, 2 have to; b: /) });
  expect(await readFlag([node("a", off)], flag, { quorum: 2 })).toMatchObject({
    why: "1 of 1 nodes say that it is off, 2 have to.",
  });
});
