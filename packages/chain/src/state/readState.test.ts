import type { BlockRef } from "@testudo/core/model/BlockBundle";
import type { Address, Hex } from "@testudo/core/model/Hex";
import type { StateAnswer, StateRead } from "@testudo/core/model/StateRead";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fetchBlock } from "../block/fetchBundle.ts";
import { type Anvil, startAnvil } from "../fork/startAnvil.ts";
import { RpcUnreachable } from "../rpc/RpcError.ts";
import { type Endpoint, openEndpoint } from "../rpc/rpcEndpoint.ts";
import { refusal, serveChanged, type WireCall } from "../testkit/faultyNode.testkit.ts";
import { openStateReader, StateUnavailable } from "./readState.ts";

const account: Address = `0x${"0a".repeat(20)}`;
const stores: Address = `0x${"0d".repeat(20)}`;
const reverts: Address = `0x${"0e".repeat(20)}`;
const burns: Address = `0x${"0f".repeat(20)}`;
const word = (value: bigint): Hex => `0x${value.toString(16).padStart(64, "0")}`;

let anvil: Anvil;
let node: Endpoint;
let first: BlockRef;
let second: BlockRef;

beforeAll(async () => {
  anvil = await startAnvil({ noMining: true });
  node = openEndpoint(anvil.url, { label: "anvil" });
  // Stores the first word of what it is called with; called with nothing, returns it.
  await node.request("anvil_setCode", [stores, "0x36600f5760005460005260206000f35b60003560005500"]);
  // Reverts with four bytes.
  await node.request("anvil_setCode", [reverts, "0x63deadbeef60e01b60005260046000fd"]);
  await node.request("anvil_setCode", [burns, "0xfe"]);
  await setTo(5n);
  first = (await fetchBlock(node, 1n, false)).ref;
  await setTo(7n);
  second = (await fetchBlock(node, 2n, false)).ref;
});

// By transactions: anvil's own setters change the state of the block that is the head at the time.
let paid = 0n;
async function setTo(value: bigint): Promise<void> {
  const [from] = (await node.request("eth_accounts")) as Address[];
  const gas = "0x100000";
  await node.request("eth_sendTransaction", [{ from, to: account, value: `0x${(value - paid).toString(16)}`, gas }]);
  await node.request("eth_sendTransaction", [{ from, to: stores, data: word(value), gas }]);
  await node.request("evm_mine");
  paid = value;
}
afterAll(async () => {
  node.close();
  await anvil.stop();
});

const readsAt = (at: StateRead["at"]): StateRead[] => [
  { kind: "balance", at, address: account },
  { kind: "slot", at, address: stores, slot: word(0n) },
  { kind: "call", at, to: stores, data: "0x" },
  { kind: "code", at, address: reverts },
];
const answersWith = (value: bigint) => [
  { ok: true, value: word(value) },
  { ok: true, value: word(value) },
  { ok: true, value: word(value) },
  { ok: true, value: "0x63deadbeef60e01b60005260046000fd" },
];

describe("state by hash", () => {
  test("STREAM-09: block, parent and a named hash are told apart", async () => {
    const reader = openStateReader([node]);
    expect(await reader.read(second, readsAt("block"))).toEqual(answersWith(7n));
    expect(await reader.read(second, readsAt("parent"))).toEqual(answersWith(5n));
    expect(await reader.read(second, readsAt({ hash: first.hash }))).toEqual(answersWith(5n));
  });

  test("STREAM-09: an answer is asked for once, and every question names a canonical hash", async () => {
    const asked: WireCall[] = [];
    const proxy = await serveChanged(anvil.url, (call, answer) => {
      asked.push(call);
      return answer;
    });
    const endpoint = openEndpoint(proxy.url);
    const reader = openStateReader([endpoint]);
    await reader.read(second, readsAt("block"));
    expect(await reader.read(second, [...readsAt("block"), ...readsAt("parent")])).toEqual([
      ...answersWith(7n),
      ...answersWith(5n),
    ]);
    expect(asked).toHaveLength(8);
    expect(proxy.seen.requests).toBe(2);
    const named = new Set(asked.map(({ params }) => JSON.stringify(params.at(-1))));
    expect(named).toEqual(
      new Set([first, second].map(({ hash }) => JSON.stringify({ blockHash: hash, requireCanonical: true }))),
    );
    endpoint.close();
    await proxy.close();
  });

  test("STREAM-09: words of storage at one block go as one call, and are what each is by itself", async () => {
    const places = [stores, reverts, account, stores].map((address, i): StateRead => {
      return { kind: "slot", at: i === 3 ? "parent" : "block", address, slot: word(i === 1 ? 5n : 0n) };
    });
    const others = [
      ...readsAt("block"),
      { kind: "slot", at: "parent", address: reverts, slot: word(0n) },
    ] as const satisfies StateRead[];
    const asked: WireCall[] = [];
    const proxy = await serveChanged(anvil.url, (call, answer) => {
      asked.push(call);
      return answer;
    });
    const endpoint = openEndpoint(proxy.url);
    const together = await openStateReader([endpoint]).read(second, [...places, ...others]);
    expect(asked.map(({ method }) => method).sort()).toEqual([
      "eth_call",
      "eth_call",
      "eth_call",
      "eth_getBalance",
      "eth_getCode",
    ]);
    const alone: StateAnswer[] = [];
    for (const read of [...places, ...others]) alone.push(...(await openStateReader([node]).read(second, [read])));
    expect(together).toEqual(alone);
    expect(together[0]).toEqual({ ok: true, value: word(7n) });
    expect(together[3]).toEqual({ ok: true, value: word(5n) });
    endpoint.close();
    await proxy.close();
  });

  test("STREAM-09: a node that leaves code as it is, or refuses to replace it, is asked for one word at a time", async () => {
    const two = [0n, 1n].map((at): StateRead => ({ kind: "slot", at: "block", address: stores, slot: word(at) }));
    const ignoring = { params: [{ to: stores, data: "0x" }, { blockHash: second.hash }] };
    for (const isRefused of [true, false]) {
      const asked: string[] = [];
      const proxy = await serveChanged(anvil.url, async (call, answer) => {
        asked.push(call.method);
        if (call.method !== "eth_call") return answer;
        if (isRefused) return refusal(call, -32602, "too many arguments, want at most 2");
        // Whatever the contract itself says when it is called.
        return { ...answer, result: await node.request("eth_call", ignoring.params) };
      });
      const endpoint = openEndpoint(proxy.url);
      const reader = openStateReader([endpoint]);
      const expected = [word(7n), word(0n)].map((value) => ({ ok: true, value }));
      expect(await reader.read(second, two)).toEqual(expected);
      expect(asked).toEqual(["eth_call", "eth_getStorageAt", "eth_getStorageAt"]);
      await reader.read(first, two);
      expect(asked.slice(3)).toEqual(["eth_getStorageAt", "eth_getStorageAt"]);
      endpoint.close();
      await proxy.close();
    }
  });

  test("behavior: a block that is gone is not held against the node", async () => {
    const two = [0n, 1n].map((at): StateRead => ({ kind: "slot", at: "block", address: stores, slot: word(at) }));
    const asked: string[] = [];
    const proxy = await serveChanged(anvil.url, (call, answer) => {
      asked.push(call.method);
      return answer;
    });
    const endpoint = openEndpoint(proxy.url);
    const watching = openStateReader([endpoint]);
    await expect(watching.read({ ...second, hash: word(404n) }, two)).rejects.toThrow(StateUnavailable);
    asked.length = 0;
    await watching.read(second, two);
    expect(asked).toEqual(["eth_call"]);
    endpoint.close();
    await proxy.close();
  });

  test("the cache keeps to its bound and drops the least recently used", async () => {
    const proxy = await serveChanged(anvil.url, (_, answer) => answer);
    const endpoint = openEndpoint(proxy.url);
    const reader = openStateReader([endpoint], { cacheEntries: 2 });
    const [a, b, c] = readsAt("block") as [StateRead, StateRead, StateRead];
    await reader.read(second, [a]);
    await reader.read(second, [b]);
    await reader.read(second, [a]);
    await reader.read(second, [c]);
    await reader.read(second, [a]);
    expect(proxy.seen.requests).toBe(3);
    await reader.read(second, [b]);
    expect(proxy.seen.requests).toBe(4);
    endpoint.close();
    await proxy.close();
  });

  test("a revert and a failed run are answers", async () => {
    const reader = openStateReader([node]);
    const answers = await reader.read(second, [
      { kind: "call", at: "block", to: reverts, data: "0x" },
      { kind: "call", at: "block", to: burns, data: "0x" },
    ]);
    expect(answers.map(({ ok }) => ok)).toEqual([false, false]);
    expect(answers[0]).toMatchObject({ error: expect.stringContaining("0xdeadbeef") });
  });

  test.each([
    // Of geth and those who copy it, for what a stranger's contract can do where it is called itself.
    [-32_000, "gas uint64 overflow"],
    [-32_000, "stack limit reached 1024 (1023)"],
    [-32_000, "return data out of bounds"],
    [-32_000, "invalid jump destination"],
    // Of nethermind, and of openethereum, for a revert as well.
    [-32_015, "VM execution error."],
  ])(
    "STREAM-09: a contract that fails in the node's words (%i) %j takes no other answer with it",
    async (code, said) => {
      const isOfIt = ({ method, params }: WireCall) => method === "eth_call" && (params[0] as { to: Hex }).to === burns;
      const proxy = await serveChanged(anvil.url, (call, answer) =>
        isOfIt(call) ? refusal(call, code, said) : answer,
      );
      const endpoint = openEndpoint(proxy.url);
      const reads: StateRead[] = [...readsAt("block"), { kind: "call", at: "block", to: burns, data: "0x" }];
      expect(await openStateReader([endpoint]).read(second, reads)).toEqual([
        ...answersWith(7n),
        { ok: false, error: said },
      ]);
      endpoint.close();
      await proxy.close();
    },
  );

  test("STREAM-09: a node that does not know requireCanonical is asked by hash alone, never by number", async () => {
    const asked: unknown[] = [];
    const proxy = await serveChanged(anvil.url, (call, answer) => {
      const block = call.params.at(-1) as object;
      asked.push(block);
      return "requireCanonical" in block ? refusal(call, -32602, "unknown field `requireCanonical`") : answer;
    });
    const endpoint = openEndpoint(proxy.url);
    const reader = openStateReader([endpoint]);
    expect(await reader.read(second, readsAt("block"))).toEqual(answersWith(7n));
    expect(await reader.read(second, readsAt("parent"))).toEqual(answersWith(5n));
    expect(asked.slice(4)).toEqual([
      ...Array(4).fill({ blockHash: second.hash }),
      ...Array(4).fill({ blockHash: first.hash }),
    ]);
    endpoint.close();
    await proxy.close();
  });

  test("STREAM-09: a contract that reverts with words about arguments has no block asked for without the flag", async () => {
    const asked: object[] = [];
    const proxy = await serveChanged(anvil.url, (call) => {
      asked.push(call.params[1] as object);
      return refusal(call, 3, "execution reverted: invalid argument");
    });
    const endpoint = openEndpoint(proxy.url);
    const reader = openStateReader([endpoint]);
    const said = { ok: false, error: "execution reverted: invalid argument" };
    for (const ref of [first, second])
      expect(await reader.read(ref, [{ kind: "call", at: "block", to: reverts, data: "0x" }])).toEqual([said]);
    expect(asked).toEqual([first, second].map(({ hash }) => ({ blockHash: hash, requireCanonical: true })));
    endpoint.close();
    await proxy.close();
  });

  test("the next endpoint answers where the first is dead", async () => {
    const reader = openStateReader([openEndpoint("http://127.0.0.1:1"), node]);
    expect(await reader.read(second, readsAt("block"))).toEqual(answersWith(7n));
  });

  test("error: no endpoint can be reached", async () => {
    const reader = openStateReader([openEndpoint("http://127.0.0.1:1", { label: "dead" })]);
    await expect(reader.read(second, readsAt("block"))).rejects.toThrow(RpcUnreachable);
  });

  test("error: a block that the chain does not have is not answered from another", async () => {
    const reader = openStateReader([node]);
    await expect(reader.read(second, readsAt({ hash: word(1n) }))).rejects.toThrow(StateUnavailable);
  });
});
