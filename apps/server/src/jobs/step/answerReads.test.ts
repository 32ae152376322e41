import { RpcRefused } from "@testudo/chain/rpc/RpcError";
import { StateUnavailable } from "@testudo/chain/state/readState";
import type { BlockRef } from "@testudo/core/model/BlockBundle";
import type { Input } from "@testudo/core/model/Input";
import type { StateRead } from "@testudo/core/model/StateRead";
import { afterEach, expect, test, vi } from "vitest";
import { answerReads } from "./answerReads.ts";

const reads: StateRead[] = [{ kind: "balance", address: `0x${"ab".repeat(20)}`, at: "block" }];

afterEach(() => void vi.useRealTimers());

test("behavior: state that nodes have thrown away is unavailable at once, and told once", async () => {
  const told: Input[] = [];
  const answer = answerReads({
    reader: {
      async read({ hash, number }) {
        if (number > 2n) return [{ ok: true, value: "0x01" }];
        throw new StateUnavailable("node", hash, new RpcRefused("node", "eth_getBalance", -32000, "missing trie node"));
      },
    },
    tell: (input) => void told.push(input),
    isOrphaned: async () => false,
    head: () => 500n,
    signal: new AbortController().signal,
  });
  // Time stands still: whoever waited for it would never answer.
  vi.useFakeTimers();
  const answers = [await answer(refOf(1n), reads), await answer(refOf(2n), reads), await answer(refOf(3n), reads)];
  vi.useRealTimers();
  expect(answers.map(([one]) => one?.ok)).toEqual([false, false, true]);
  expect(told).toMatchObject([
    { kind: "trouble", trouble: "state-unread" },
    { kind: "trouble", trouble: "recovered" },
  ]);
});

test.each([
  ["back by an hour", -3_600_000],
  ["ahead by a day", 86_400_000],
])("behavior: nodes that are away are given a minute, also where the clock is set %s meanwhile", async (_, byMs) => {
  vi.useFakeTimers();
  let isDone = false;
  const answer = answerReads({
    reader: { read: () => Promise.reject(new RpcRefused("node", "eth_getBalance", -32000, "busy")) },
    tell: () => {},
    isOrphaned: async () => false,
    head: () => 1n,
    signal: new AbortController().signal,
  });
  const answered = answer(refOf(1n), reads).finally(() => {
    isDone = true;
  });
  await vi.advanceTimersByTimeAsync(10_000);
  vi.setSystemTime(Date.now() + byMs);
  await vi.advanceTimersByTimeAsync(45_000);
  expect(isDone).toBe(false);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(isDone).toBe(true);
  expect((await answered).map(({ ok }) => ok)).toEqual([false]);
});

function refOf(number: bigint): BlockRef {
  const hashOf = (n: bigint) => `0x${n.toString(16).padStart(64, "0")}` as const;
  return { number, hash: hashOf(number), parentHash: hashOf(number - 1n), timestamp: number };
}
