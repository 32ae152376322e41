import type { BlockBundle, CallFrame } from "@testudo/core/model/BlockBundle";
import type { Address, Hex } from "@testudo/core/model/Hex";
import { expect, test } from "vitest";
import { unitsOf } from "./unitsOf.ts";

const [user, router, pool, made, oracle] = [1, 2, 3, 4, 5].map((n) => `0x${`0${n}`.repeat(20)}` as Address) as [
  Address,
  Address,
  Address,
  Address,
  Address,
];
const hash: Hex = `0x${"11".repeat(32)}`;

function call(from: Address, to: Address, change: Partial<CallFrame> = {}): CallFrame {
  return { type: "CALL", from, to, value: 0n, input: "0x", output: "0x", calls: [], logs: [], ...change };
}

function bundleOf(trace: CallFrame): BlockBundle {
  const tx = { hash, index: 0, from: user, to: router, value: 0n, input: "0x" as Hex, nonce: 0 };
  const ref = { number: 1n, hash, parentHash: hash, timestamp: 1n };
  return { ref, txs: [tx], logs: [], traces: [trace], has: ["L", "X", "T"], sources: ["test"] };
}

test("a unit is each contract that was reached and not created, with what left it", () => {
  const trace = call(user, router, {
    calls: [call(router, made, { type: "CREATE" }), call(router, pool, { calls: [call(pool, user, { value: 5n })] })],
  });
  expect(unitsOf(bundleOf(trace), (address) => address !== user)).toEqual([
    { tx: hash, subject: router, isDirect: true, hasOutflow: false },
    { tx: hash, subject: pool, isDirect: false, hasOutflow: true },
  ]);
});

test("a frame that reverted touches nobody, and an account without code is no unit", () => {
  const trace = call(user, router, {
    calls: [call(router, pool, { error: "execution reverted" }), call(router, oracle)],
  });
  expect(unitsOf(bundleOf(trace), (address) => address !== oracle).map(({ subject }) => subject)).toEqual([router]);
});
