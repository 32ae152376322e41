import { RpcMalformed, RpcRefused } from "@testudo/chain/rpc/RpcError";
import type { Endpoint } from "@testudo/chain/rpc/rpcEndpoint";
import type { Address } from "@testudo/core/model/Hex";
import { expect, test } from "vitest";
import { NoContract, surveyAddress, surveyLines } from "./survey.ts";

const vault: Address = `0x${"1".repeat(40)}`;

/** A node that answers each method with `answers`, and all others with words of its own. */
const answering = (answers: { readonly [method: string]: unknown }) => {
  const answer = (method: string) => {
    const result = answers[method] ?? "no: \u001b[2J";
    if (result instanceof Error) throw result;
    return result;
  };
  return {
    label: "n1",
    request: async (method: string) => answer(method),
    batch: async (calls: readonly { readonly method: string }[]) =>
      calls.map(({ method }) => ({ ok: true, result: answer(method) })),
  } as unknown as Endpoint;
};

test("error: a node that refuses to show the code is told of, and the address is not called no contract", async () => {
  const refusal = new RpcRefused("n1", "eth_getCode", -32_000, "missing trie node");
  await expect(surveyAddress(answering({ eth_getCode: refusal }), vault, 1n)).rejects.toBe(refusal);
  await expect(surveyAddress(answering({ eth_getCode: "0xno" }), vault, 1n)).rejects.toThrow(RpcMalformed);
  await expect(surveyAddress(answering({ eth_getCode: "0x" }), vault, 1n)).rejects.toThrow(NoContract);
});

test.each([
  ["words", "all is well"],
  ["a list of nothing known", [{ address: "\u001b[2J", topics: ["x"] }]],
])("behavior: a node that answers %s for the rest tells less, and the watch begins", async (_, nonsense) => {
  const node = answering({ eth_getCode: "0x6000", eth_getLogs: nonsense, eth_getBalance: "much" });
  const survey = await surveyAddress(node, vault, 1n);
  expect({ holds: survey.holds, listed: survey.listed }).toEqual({ holds: [], listed: false });
  expect(surveyLines(survey).join("\n")).toContain("the node refused to list transfers");
});
