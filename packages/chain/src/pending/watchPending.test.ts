import type { Hex } from "@testudo/core/model/Hex";
import { expect, test } from "vitest";
import { RpcUnreachable } from "../rpc/RpcError.ts";
import type { Endpoint, RpcAnswer } from "../rpc/rpcEndpoint.ts";
import { watchPending } from "./watchPending.ts";

const hashOf = (n: number): Hex => `0x${n.toString(16).padStart(64, "0")}`;
const txOf = (n: number, given: object = {}) => ({
  ...{ hash: hashOf(n), from: `0x${"e1".repeat(20)}`, to: null, value: "0x0", input: "0x", nonce: "0x0", gas: "0x1" },
  ...{ gasPrice: "0x1", blockHash: null, ...given },
});

/** A node that announces `hashes` once, in turns, and shows what `show` says; a thrown error is of the whole request. */
function nodeOf(label: string, turns: readonly (readonly number[])[], show: (n: number) => unknown, pool: object = {}) {
  const left = [...turns];
  const request = async (method: string) => {
    if (method === "eth_newPendingTransactionFilter") return "0x1";
    if (method === "txpool_content") return { pending: pool };
    return (left.shift() ?? []).map(hashOf);
  };
  return {
    ...{ url: label, label, timeoutMs: 1_000, request, close: () => undefined },
    batch: async (calls: readonly { readonly params?: readonly unknown[] }[]) =>
      calls.map(({ params }): RpcAnswer => ({ ok: true, result: show(Number(params![0] as Hex)) })),
  } as unknown as Endpoint;
}

const seenOn = (...endpoints: readonly Endpoint[]) => seenWithin(250, endpoints);

/** What is seen in `ms`, or until that is enough. */
async function seenWithin(ms: number, endpoints: readonly Endpoint[], isEnough = (_: readonly number[]) => false) {
  const abort = new AbortController();
  const seen: number[] = [];
  const refused: string[] = [];
  const following = watchPending({
    ...{ endpoints, pollMs: 5, signal: abort.signal, onPending: ({ hash }) => void seen.push(Number(hash)) },
    onMalformed: (_, { field }) => void refused.push(field),
  });
  const end = performance.now() + ms;
  while (performance.now() < end && !isEnough(seen)) await new Promise((resolve) => setTimeout(resolve, 10));
  abort.abort();
  await following;
  return { seen: seen.sort((a, b) => a - b), refused };
}

test("PRE-01: what one node announces and does not show is taken from another, once", async () => {
  const liar = nodeOf("liar", [[1, 2, 3]], () => null);
  const honest = nodeOf("honest", [[], [1, 2, 3]], (n) => txOf(n));
  expect((await seenOn(liar, honest)).seen).toEqual([1, 2, 3]);
  const slow = nodeOf("honest", [[1, 2, 3]], (n) => txOf(n));
  expect(
    (
      await seenOn(
        nodeOf("liar", [[1, 2, 3]], () => null),
        slow,
      )
    ).seen,
  ).toEqual([1, 2, 3]);
});

test("PRE-08: what a second node announces or has in its pool is told as shown by it, and asked for once", async () => {
  const abort = new AbortController();
  const seen: number[] = [];
  const again: string[] = [];
  let asked = 0;
  const show = (n: number) => {
    asked += 1;
    return txOf(n);
  };
  const first = nodeOf("first", [[1, 2]], show);
  const second = nodeOf("second", [[], [], [], [], [2]], show, { a: { 0: txOf(1) } });
  const slow = {
    ...second,
    request: (method: string, params?: readonly unknown[]) => later(() => second.request(method, params)),
  };
  const later = async <T>(ask: () => Promise<T>) => {
    while (seen.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    return ask();
  };
  const following = watchPending({
    ...{
      endpoints: [first, slow],
      pollMs: 5,
      signal: abort.signal,
      onPending: ({ hash }) => void seen.push(Number(hash)),
    },
    onAgain: ({ label }, hash) => void again.push(`${label} ${Number(hash)}`),
  });
  while (again.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
  abort.abort();
  await following;
  expect([seen, again, asked]).toEqual([[1, 2], ["second 1", "second 2"], 2]);
});

test("PRE-01: what was announced while the node broke is asked for again", async () => {
  let broken = 2;
  const node = nodeOf("weak", [[1, 2]], (n) => {
    if (broken-- > 0) throw new RpcUnreachable("weak", "timed out");
    return txOf(n);
  });
  expect((await seenOn(node)).seen).toEqual([1, 2]);
});

test("PRE-01: a transaction that is malformed costs no other, in the pool either, and is told", async () => {
  const odd = (n: number) => txOf(n, n === 2 ? { nonce: "0xffffffffffffffff" } : {});
  const node = nodeOf("odd", [[1, 2, 3]], odd, { a: { 0: odd(4), 1: odd(2), 2: odd(5) } });
  const { seen, refused } = await seenOn(node);
  expect(seen).toEqual([1, 3, 4, 5]);
  expect(refused).toEqual(["nonce", "nonce"]);
});

test("error: PRE-01: another transaction than was asked for is not taken", async () => {
  const { seen, refused } = await seenOn(nodeOf("liar", [[1]], () => txOf(7)));
  expect(seen).toEqual([]);
  expect(refused).toEqual(["hash"]);
});

test("PRE-01: a node that announces and hangs keeps back for a moment only what another shows", async () => {
  const many = Array.from({ length: 9_000 }, (_, i) => 10 + i);
  const silent = nodeOf("silent", [[...many, 1]], () => null);
  const hanging = {
    ...silent,
    batch: () => new Promise<never>((_, reject) => setTimeout(reject, 2_000, new Error("late"))),
  };
  const honest = nodeOf("honest", [[], [1]], (n) => txOf(n));
  expect((await seenWithin(1_200, [hanging, honest], ({ length }) => length > 0)).seen).toEqual([1]);
});

test("PRE-08: a node that shows nothing but what is malformed is left for a while, and holds up nothing", async () => {
  const odd = nodeOf("odd", [], () => null);
  const request = async (method: string) =>
    method === "eth_getFilterChanges" ? new Array(1_000_000).fill(1) : odd.request(method, []);
  const { refused } = await seenOn({ ...odd, request });
  // Of a million at a time a thousand are looked at.
  expect(refused.length % 1_000).toBe(0);
  expect(refused.length).toBeLessThan(10_000);
});
