// One transaction may move four thousand tokens that somebody made for it, each of which is asked for what it says of two blocks.
import type { BlockRef } from "@testudo/core/model/BlockBundle";
import { type Address, type Hex, toWord } from "@testudo/core/model/Hex";
import type { StateRead } from "@testudo/core/model/StateRead";
import { afterEach, expect, test } from "vitest";
import { openEndpoint } from "../rpc/rpcEndpoint.ts";
import { sleep } from "../rpc/sleep.ts";
import { type FaultyNode, refusal, serveCalls, type WireAnswer, type WireCall } from "../testkit/faultyNode.testkit.ts";
import { openStateReader } from "./readState.ts";

const refOf = (n: bigint): BlockRef => {
  const hash = (k: bigint): Hex => `0x${toWord(k)}`;
  return { number: n, hash: hash(n), parentHash: hash(n - 1n), timestamp: n };
};
const addressOf = (n: number): Address => `0x${n.toString(16).padStart(40, "0")}`;
const honest = addressOf(0xa1);
const call = (to: Address): StateRead => ({ kind: "call", at: "block", to, data: "0x313ce567" });
const junk = (count: number, from = 0) =>
  Array.from({ length: count }, (_, i) => call(addressOf(0x10_0000 + from + i)));

let node: FaultyNode | undefined;
afterEach(() => node?.close());

/** A node that runs one call after the other, each of a stranger's for `ms`; of those in one call it tells nothing where `isBurning`. */
async function serve(ms: () => number, isBurning: () => boolean) {
  let busy: Promise<unknown> = Promise.resolve();
  const run = (strangers: number) => {
    busy = busy.then(() => (ms() * strangers === 0 ? undefined : sleep(ms() * strangers)));
    return busy;
  };
  const tell = (to: string) => (to === honest ? 6n : 18n);
  const answer = async (wire: WireCall): Promise<WireAnswer> => {
    const ok = (result: unknown): WireAnswer => ({ id: wire.id, jsonrpc: "2.0", result });
    if (wire.method !== "eth_call") return ok("0x1");
    const [{ to, data }, , codes] = wire.params as [{ to: Address; data: Hex }, unknown, unknown];
    if (codes === undefined) {
      await run(to === honest ? 0 : 1);
      return to !== honest && isBurning() ? refusal(wire, -32_000, "out of gas") : ok(`0x${toWord(tell(to))}`);
    }
    // Mark and count; then of each its length, its address in a word, and its data.
    const asked: string[] = [];
    for (let at = 2 + 128; at < data.length; ) {
      const length = Number.parseInt(data.slice(at, at + 64), 16);
      asked.push(`0x${data.slice(at + 64 + 24, at + 128)}`);
      at += 64 + 2 * length;
    }
    await run(asked.filter((one) => one !== honest).length);
    const told = asked.map((one) =>
      one !== honest && isBurning() ? "f".repeat(64) : `${toWord(32n)}${toWord(tell(one))}`,
    );
    return ok(`0x${told.join("")}`);
  };
  node = await serveCalls(answer);
  return { endpoint: openEndpoint(node.url, { timeoutMs: 4_000 }), idle: () => busy };
}

async function timed<T>(work: Promise<T>): Promise<readonly [T, number]> {
  const startMs = performance.now();
  const done = await work;
  return [done, performance.now() - startMs];
}

test.each([
  ["take a node long together", 8, () => true],
  ["are just quick enough to be told", 2, () => false],
])(
  "STREAM-09: thousands of contracts that %s keep nobody waiting for long, and nothing known from being read",
  async (_, ms, isBurning) => {
    let isAttack = false;
    const { endpoint, idle } = await serve(() => (isAttack ? ms : 0), isBurning);
    const reader = openStateReader([endpoint]);
    await reader.read(refOf(1n), [call(honest)]);
    isAttack = true;
    for (const n of [2n, 3n]) {
      const reads = [...junk(4_000), call(honest), { kind: "balance", at: "block", address: honest } as const];
      const [answers, ms] = await timed(reader.read(refOf(n), reads));
      expect(answers.slice(-2).map(({ ok }) => ok)).toEqual([true, true]);
      expect(ms).toBeLessThan(20_000);
      await idle();
    }
    endpoint.close();
  },
  120_000,
);

test("STREAM-09: a hundred contracts that take a node too long together keep what is known from nobody", async () => {
  let isAttack = false;
  const { endpoint, idle } = await serve(
    () => (isAttack ? 60 : 0),
    () => true,
  );
  const reader = openStateReader([endpoint]);
  await reader.read(refOf(1n), [call(honest)]);
  isAttack = true;
  const [answers, ms] = await timed(reader.read(refOf(2n), [...junk(100), call(honest)]));
  expect(answers.at(-1)).toEqual({ ok: true, value: `0x${toWord(6n)}` });
  expect(ms).toBeLessThan(15_000);
  await idle();
  endpoint.close();
}, 60_000);

test("STREAM-09: thousands of honest contracts are all read, in as many requests as they need", async () => {
  const { endpoint } = await serve(
    () => 0,
    () => false,
  );
  const answers = await openStateReader([endpoint]).read(refOf(1n), [...junk(4_000), call(honest)]);
  expect(answers.every(({ ok }) => ok)).toBe(true);
  expect(node!.seen.requests).toBe(11);
  endpoint.close();
});

test("error: a node that tells nothing of the first two portions is asked no more", async () => {
  node = await serveCalls(() => new Promise(() => {}));
  const endpoint = openEndpoint(node.url, { timeoutMs: 300 });
  const asked = openStateReader([endpoint]).read(refOf(1n), junk(4_000));
  await expect(asked).rejects.toThrow("300 ms");
  expect(node.seen.requests).toBe(2);
  endpoint.close();
});
