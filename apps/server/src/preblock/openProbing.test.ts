import type { BlockBundle, CallFrame } from "@testudo/core/model/BlockBundle";
import type { Address, Hex } from "@testudo/core/model/Hex";
import { expect, test } from "vitest";
import { openProbing } from "./openProbing.ts";

const vault: Address = `0x${"aa".repeat(20)}`;
const deployer: Address = `0x${"d0".repeat(20)}`;
const word = (n: number): Hex => `0x${n.toString(16).padStart(64, "0")}`;
const made = (n: number): Address => `0x${n.toString(16).padStart(40, "0")}`;
const ref = { number: 1n, hash: word(2), parentHash: word(3), timestamp: 1_000n };

/** A block that makes the contracts `from` up to `to`, each with the vault in its code. */
function blockOf(from: number, to: number): BlockBundle {
  const numbers = Array.from({ length: to - from }, (_, i) => from + i);
  const txs = numbers.map((n, index) => {
    return { hash: word(n), index, from: deployer, to: null, value: 0n, input: "0x" as Hex, nonce: n };
  });
  const traces = numbers.map((n): CallFrame => {
    const code = { input: "0x6000" as Hex, output: `0x73${vault.slice(2)}` as Hex };
    return {
      type: "CREATE",
      from: deployer,
      to: made(n),
      value: 0n,
      ...code,

      logs: [],
      calls: [],
    };
  });
  return { ref, txs, logs: [], traces, has: ["X", "L", "T"], sources: ["test"] };
}

test("PRE-07: twelve new contracts wait at most, over all blocks, and which are left out is told", async () => {
  const notProbed: Address[] = [];
  const probed: Address[] = [];
  const probing = openProbing({
    ...{ chainId: 1, watched: [vault], funding: { sources: [], maxHops: 1, maxSeconds: 1 } },
    thread: { probe: async () => ({ kind: "not-done", why: "", cause: "closed" }) },
    onNotProbed: ({ contract }) => void notProbed.push(contract),
    onProbed: ({ contract }) => void probed.push(contract),
    deliver: async () => true,
    signal: new AbortController().signal,
  });
  for (const [from, to] of [
    [1, 9],
    [9, 17],
  ] as const) {
    probing.observe(blockOf(from, to), true);
    probing.release();
  }
  expect(notProbed).toEqual([1, 2, 3, 4].map(made));
  await probing.work(() => ref);
  expect(probed).toEqual([5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16].map(made));
});

test("PRE-07: a contract for whose probe no node has the head is told, as it is not tried again", async () => {
  const told: string[] = [];
  const probing = openProbing({
    ...{ chainId: 1, watched: [vault], funding: { sources: [], maxHops: 1, maxSeconds: 1 } },
    thread: { probe: async () => ({ kind: "no-state" }) },
    onNotProbed: ({ contract }, why) => void told.push(`${contract}: ${why}`),
    deliver: async () => true,
    signal: new AbortController().signal,
  });
  probing.observe(blockOf(1, 2), true);
  probing.release();
  await probing.work(() => ref);
  expect(told).toEqual([`${made(1)}: no node has the head`]);
});
