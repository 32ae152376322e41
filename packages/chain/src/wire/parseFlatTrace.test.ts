import type { Hex } from "@testudo/core/model/Hex";
import { expect, test } from "vitest";
import { RpcMalformed } from "../rpc/RpcError.ts";
import { parseFlatTraces } from "./parseFlatTrace.ts";

const [blockHash, txHash]: [Hex, Hex] = [`0x${"b0".repeat(32)}`, `0x${"7a".repeat(32)}`];
const account = `0x${"aa".repeat(20)}`;
const action = { callType: "call", from: account, to: account, value: "0x0", input: "0x" };

/** One call in the other, as `trace_block` lists them. */
function nested(depth: number) {
  const frames = Array.from({ length: depth + 1 }, (_, i) => ({
    ...{ type: "call", action, result: { output: "0x" }, blockHash, transactionHash: txHash },
    traceAddress: new Array(i).fill(0),
  }));
  return parseFlatTraces(frames, blockHash, [txHash], { method: "trace_block" });
}

test("STREAM-07: a flat list of calls that lie deeper in each other than the EVM goes is refused, as a tree is", () => {
  let deepest = 0;
  for (let [frame] = nested(1_100) ?? []; frame?.calls[0] !== undefined; frame = frame.calls[0]) deepest += 1;
  expect(deepest).toBe(1_100);
  expect(() => nested(1_101)).toThrow(RpcMalformed);
  expect(() => nested(1_101)).toThrow("Expected at most 1100 calls deep");
});

test("STREAM-07: a list without a transaction of the block is none, also where it is empty", () => {
  expect(parseFlatTraces([], blockHash, [txHash], { method: "trace_block" })).toBeUndefined();
});
