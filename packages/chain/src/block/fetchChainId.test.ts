import { expect, test } from "vitest";
import { RpcMalformed } from "../rpc/RpcError.ts";
import type { Endpoint } from "../rpc/rpcEndpoint.ts";
import { fetchChainId } from "./fetchChainId.ts";
import { fetchHeadNumber } from "./fetchHeadNumber.ts";

const answering = (result: unknown) => ({ label: "n1", request: async () => result }) as unknown as Endpoint;

test("behavior: chain and newest block are told as numbers", async () => {
  expect(await fetchChainId(answering("0xa4b1"))).toBe(42_161);
  expect(await fetchHeadNumber(answering("0x10"))).toBe(16n);
});

test.each([
  ["the words of another program", "\u001b[2J\nerror: all is well"],
  ["nothing", null],
  ["an empty text", ""],
  ["a fraction", 1.5],
  ["too much", `0x${"f".repeat(65)}`],
])("error: %s in their place is told in one line of ours, with the node", async (_, result) => {
  for (const ask of [fetchChainId, fetchHeadNumber] as const) {
    const refused = await ask(answering(result)).catch((error: unknown) => error as Error);
    expect(refused).toBeInstanceOf(RpcMalformed);
    const [line, ...rest] = (refused as Error).message.split("\n");
    expect(line).toMatch(/^Answer to eth_(chainId|blockNumber) from n1: result is /);
    expect(rest.every((more) => more.startsWith("- "))).toBe(true);
  }
});
