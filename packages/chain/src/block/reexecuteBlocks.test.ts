import type { CallFrame } from "@testudo/core/model/BlockBundle";
import type { Hex } from "@testudo/core/model/Hex";
import { privateKeyToAccount } from "viem/accounts";
import { parseTransaction } from "viem/utils";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { RpcRefused } from "../rpc/RpcError.ts";
import { type Endpoint, openEndpoint } from "../rpc/rpcEndpoint.ts";
import type { Block } from "../wire/parseBlock.ts";
import type { Reexecuted } from "./Reexecution.ts";
import { reexecuteBlocks } from "./reexecuteBlocks.ts";

const zero = `0x${"0".repeat(64)}` as const;
const blockAt = (number: bigint) => ({ ref: { number, hash: zero, parentHash: zero, timestamp: 0n } }) as Block;
const tree = { type: "CALL" } as CallFrame;
const good: Reexecuted = { traces: [tree] };
const otherwise: Reexecuted = { why: "it used other gas", isOfBlock: true };
const refused = new RpcRefused("a", "eth_getCode", -32000, "missing trie node");

// Never connected to: what each gives is told by `says`.
const open = () => openEndpoint("http://127.0.0.1:1");
let asked = 0;
beforeEach(() => {
  asked = 0;
  vi.useFakeTimers({ toFake: ["performance"] });
});
afterEach(() => void vi.useRealTimers());

/** Which of `count` blocks get trees, where `says` answers for an endpoint. */
async function run(
  endpoints: readonly Endpoint[],
  count: number,
  says: (endpoint: Endpoint) => Reexecuted | Error,
  isPatient = false,
): Promise<{ readonly has: boolean[]; readonly why: string[] }> {
  const blocks = Array.from({ length: count }, (_, i) => blockAt(BigInt(i)));
  const why: string[] = [];
  const found = await reexecuteBlocks(endpoints, blocks, new Array(count).fill(undefined), new Array(count).fill([]), {
    execute: async (endpoint) => {
      asked += 1;
      const said = says(endpoint);
      if (said instanceof Error) throw said;
      return said;
    },
    from: 0n,
    isPatient,
    onFailed: (_, reason) => void why.push(reason),
  });
  return { has: found.map((one) => one?.source === "re-execution"), why };
}

test("STREAM-07: an endpoint that has no state is not asked for the next blocks, until half a minute is over", async () => {
  const a = open();
  const first = await run([a], 3, () => refused);
  expect(first.has).toEqual([false, false, false]);
  expect(first.why).toEqual(['Node a refused eth_getCode: "missing trie node" (code -32000).']);
  expect(asked).toBe(1);
  vi.advanceTimersByTime(30_001);
  expect((await run([a], 1, () => good)).has).toEqual([true]);
});

test("STREAM-07: one block that comes out otherwise is that block's matter, three in a row are not", async () => {
  const a = open();
  let n = 0;
  expect((await run([a], 3, () => (++n === 2 ? otherwise : good))).has).toEqual([true, false, true]);
  expect(await run([a], 5, () => otherwise)).toMatchObject({ why: new Array(3).fill("it used other gas") });
  expect(asked).toBe(3 + 3);
  // After its rest it has one more try, not three.
  vi.advanceTimersByTime(30_001);
  await run([a], 3, () => otherwise);
  expect(asked).toBe(3 + 3 + 1);
});

test("STREAM-07: the next endpoint is asked where the first one cannot, or what it gives does not come out", async () => {
  const [a, b] = [open(), open()];
  for (const bad of [refused, otherwise, new RangeError("a fault of the engine")]) {
    const { has, why } = await run([a, b], 2, (endpoint) => (endpoint === a ? bad : good));
    expect([has, why]).toEqual([[true, true], []]);
  }
});

test("STREAM-07: where nobody waits for the next block, every block is tried", async () => {
  const a = open();
  await run([a], 6, () => refused, true);
  expect(asked).toBe(6);
});

test("STREAM-07: whatever an engine throws ends as a reason", async () => {
  expect((await run([open()], 1, () => new RangeError("out of bounds\nsecond line"))).why).toEqual(["out of bounds"]);
});

test("STREAM-07: trees of other transactions than were agreed on are no trees of the block, whatever hashes they go by", async () => {
  const [from, to, other] = ["aa", "bb", "cc"].map((byte) => `0x${byte.repeat(20)}` as const) as [Hex, Hex, Hex];
  const tx = { from, to, value: 1n, input: "0x01" as Hex };
  const block = { ...blockAt(1n), txs: [tx, { ...tx, to: null }] } as unknown as Block;
  const agreed = [
    { ...tree, ...tx },
    { ...tree, ...tx, to: other },
  ];
  const treesFor = async (changed: Partial<CallFrame>) => {
    const traces = [{ ...agreed[0]!, ...changed }, agreed[1]!] as CallFrame[];
    const reexecution = { execute: async () => ({ traces }), from: 0n };
    const [found] = await reexecuteBlocks([open()], [block], [undefined], [[]], reexecution);
    return found?.traces.length;
  };
  expect(await treesFor({})).toBe(2);
  for (const lie of [{ from: other }, { to: other }, { value: 2n }, { input: "0x02" as Hex }])
    expect(await treesFor(lie)).toBeUndefined();
});

test("STREAM-18: who gave another sender of a transaction than signed it keeps no node that executes it from being believed", async () => {
  const account = privateKeyToAccount(`0x${"01".repeat(32)}`);
  const to: Hex = `0x${"bb".repeat(20)}`;
  const raw = await account.signTransaction({
    ...{ type: "eip1559", chainId: 1, nonce: 0, gas: 21_000n, to, value: 1n },
    ...{ maxFeePerGas: 2n, maxPriorityFeePerGas: 1n },
  });
  const { r, s, yParity } = parseTransaction(raw);
  const wire = {
    ...{ type: "0x2", chainId: "0x1", nonce: "0x0", gas: "0x5208", to, value: "0x1", input: "0x", accessList: [] },
    ...{ maxFeePerGas: "0x2", maxPriorityFeePerGas: "0x1", r, s, yParity: `0x${yParity}` },
  };
  const [sender, liar, other] = [account.address.toLowerCase(), `0x${"cc".repeat(20)}`, `0x${"dd".repeat(20)}`];
  const block = { ...blockAt(1n), txs: [{ from: liar, to, value: 1n, input: "0x", wire }] } as unknown as Block;
  const hasTree = async (from: string) => {
    const traces = [{ ...tree, from, to, value: 1n, input: "0x" }] as CallFrame[];
    const reexecution = { execute: async () => ({ traces }), from: 0n };
    const [found] = await reexecuteBlocks([open()], [block], [undefined], [[]], reexecution);
    return found !== undefined;
  };
  expect([await hasTree(sender), await hasTree(other)]).toEqual([true, false]);
});
