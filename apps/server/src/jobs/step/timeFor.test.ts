import type { CallFrame } from "@testudo/core/model/BlockBundle";
import type { Hex } from "@testudo/core/model/Hex";
import type { Input } from "@testudo/core/model/Input";
import { expect, test } from "vitest";
import { timeFor } from "./timeFor.ts";

const one: Hex = `0x${"11".repeat(20)}`;
const hash: Hex = `0x${"22".repeat(32)}`;
const frame = (calls: readonly CallFrame[]): CallFrame => ({
  ...{ type: "CALL", from: one, to: one, value: 0n, input: "0x", output: "0x", calls, logs: [] },
});

function blockOf(calls: number, words = 0): Input {
  const ref = { number: 1n, hash, parentHash: hash, timestamp: 1n };
  const traces = [frame(Array.from({ length: calls - 1 }, () => frame([])))];
  const data: Hex = `0x${"00".repeat(32 * words)}`;
  const logs = words === 0 ? [] : [{ address: one, topics: [], data, index: 0, txIndex: 0 }];
  const bundle = { ref, txs: [], logs, traces, has: ["X", "L", "T"] as const, sources: ["test"] };
  return { kind: "block", phase: "live", receivedAtMs: 0, bundle };
}

test("DET-05: a detector has more time for a block with more calls, or words in logs, than usual", () => {
  expect([1, 10_000, 10_001, 150_000].map((calls) => timeFor(blockOf(calls), 250))).toEqual([250, 250, 251, 3_750]);
  expect(timeFor(blockOf(1, 49_998), 250)).toBe(1_250);
  expect(
    timeFor({ kind: "finalize", tag: "safe", ref: { number: 1n, hash, parentHash: hash, timestamp: 1n } }, 250),
  ).toBe(250);
});

test("DET-05: a detector has more time for a block with more transactions than usual", () => {
  const input = blockOf(1) as Extract<Input, { kind: "block" }>;
  const tx = { hash, index: 0, from: one, to: one, value: 0n, input: "0x" as const, nonce: 0 };
  const blockWith = (count: number): Input => ({
    ...input,
    bundle: { ...input.bundle, txs: Array.from({ length: count }, () => tx) },
  });
  expect([300, 900, 1_500].map((count) => timeFor(blockWith(count), 250))).toEqual([250, 250, 376]);
});
