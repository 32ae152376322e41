// Real threads, on nodes that are made up here.
import { RpcRefused } from "@testudo/chain/rpc/RpcError";
import type { Endpoint, RpcAnswer } from "@testudo/chain/rpc/rpcEndpoint";
import type { BlockRef } from "@testudo/core/model/BlockBundle";
import type { Address, Hex } from "@testudo/core/model/Hex";
import type { Input } from "@testudo/core/model/Input";
import type { Foretold } from "@testudo/core/model/Output";
import type { PendingTx } from "@testudo/core/model/PendingTx";
import { afterEach, expect, test } from "vitest";
import type { Preblock, PreblockOptions } from "./openPreblock.ts";

// A worker cannot load TypeScript: the built one is run.
const { openPreblock } = (await import(new URL("../../dist/preblock/openPreblock.js", import.meta.url).href)) as {
  openPreblock: typeof import("./openPreblock.ts").openPreblock;
};

const us: Address = `0x${"aa".repeat(20)}`;
const spinner: Address = `0x${"b9".repeat(20)}`;
const stranger: Address = `0x${"57".repeat(20)}`;
// From the first word of the call data down to zero.
const countsDown: Hex = "0x5f355b600190038060025700";
const hashOf = (n: bigint): Hex => `0x${n.toString(16).padStart(64, "0")}`;
const refOf = (number: bigint): BlockRef => ({
  ...{ number, hash: hashOf(number), parentHash: hashOf(number - 1n), timestamp: 1_700_000_000n + 12n * number },
});

interface Odd {
  readonly knows?: boolean;
  readonly refuses?: boolean;
  readonly slowMs?: number;
  readonly baseFee?: Hex;
  readonly code?: Readonly<Record<Address, Hex>>;
}

function nodeOf(
  label: string,
  { knows = true, refuses = false, slowMs = 0, code = {}, baseFee = "0x1" }: Odd = {},
): Endpoint {
  const answer = async (method: string, params: readonly unknown[] = []): Promise<unknown> => {
    if (method === "eth_getBlockByHash") {
      const ref = refOf(BigInt(params[0] as Hex));
      const zero = hashOf(0n);
      const numbers = { number: ref.number, timestamp: ref.timestamp, gasLimit: 1_000_000_000n, gasUsed: 0n };
      const hex = Object.fromEntries(Object.entries(numbers).map(([key, value]) => [key, `0x${value.toString(16)}`]));
      const own = { hash: ref.hash, parentHash: ref.parentHash, miner: us, baseFeePerGas: baseFee, mixHash: zero };
      return knows ? { ...own, ...hex, difficulty: "0x0", transactions: [], logsBloom: `0x${"0".repeat(512)}` } : null;
    }
    if (slowMs > 0) await new Promise((resolve) => setTimeout(resolve, slowMs));
    if (refuses) throw new RpcRefused(label, method, -32_000, "missing trie node");
    if (method === "eth_getBalance") return "0xde0b6b3a7640000";
    if (method === "eth_getTransactionCount") return "0x0";
    if (method === "eth_getCode") return code[params[0] as Address] ?? "0x";
    if (method === "eth_getStorageAt") return "0x0";
    throw new RpcRefused(label, method, -32_601, "no such method");
  };
  return {
    ...{ url: label, label, timeoutMs: 10_000 },
    request: (method, params) => answer(method, params),
    batch: (calls) =>
      Promise.all(
        calls.map(({ method, params }) =>
          answer(method, params).then(
            (result): RpcAnswer => ({ ok: true, result }),
            (error: RpcRefused): RpcAnswer => ({ ok: false, error }),
          ),
        ),
      ),
    close: () => undefined,
  };
}

const txOf = (n: number, given: Partial<PendingTx> = {}): PendingTx => ({
  ...{ hash: hashOf(BigInt(1_000 + n)), from: `0x${"e1".repeat(20)}`, to: us, value: 0n, input: "0x", nonce: 0 },
  ...{ gas: 100_000n, source: "test", ...given },
});

let opened: { readonly preblock: Preblock; readonly abort: AbortController } | undefined;
afterEach(async () => {
  opened?.abort.abort();
  await opened?.preblock.close();
});

function open(endpoints: readonly Endpoint[], options: Partial<PreblockOptions> = {}) {
  const told: Input[] = [];
  const abort = new AbortController();
  const preblock = openPreblock({
    ...{ endpoints, chainId: 1, hardfork: "cancun", watched: [us], followPool: false, probes: false },
    funding: { sources: [], hops: 1, days: 1 } as unknown as PreblockOptions["funding"],
    deliver: async () => false,
    tell: (input) => void told.push(input),
    signal: abort.signal,
    ...options,
  });
  opened = { preblock, abort };
  preblock.moveTo(refOf(5n));
  return { preblock, told, abort };
}

const idle = async (preblock: Preblock) => {
  while (preblock.waiting > 0) await new Promise((resolve) => setTimeout(resolve, 10));
};
const inTime = <T>(ms: number, work: Promise<T>): Promise<T | "hangs"> =>
  Promise.race([work, new Promise<"hangs">((resolve) => setTimeout(resolve, ms, "hangs"))]);

test("PRE-03: a first node that does not know the head yet leaves it to the next", async () => {
  const { preblock } = open([nodeOf("late", { knows: false }), nodeOf("well")]);
  expect(await preblock.submit(txOf(1))).toMatchObject({ outcome: "unavailable", detail: "the watch ends" });
});

test("PRE-03: a first node that has blocks and no state leaves it to the next", async () => {
  const { preblock } = open([nodeOf("bare", { refuses: true }), nodeOf("well")]);
  expect(await preblock.submit(txOf(1))).toMatchObject({ outcome: "unavailable", detail: "the watch ends" });
});

test("PRE-08: what no node gives the state for, or not in time, is told as not predicted", async () => {
  for (const node of [nodeOf("bare", { refuses: true }), nodeOf("slow", { slowMs: 5_000 })]) {
    const { preblock, told, abort } = open([node]);
    const verdict = await preblock.submit(txOf(1));
    expect(verdict).toMatchObject({ outcome: "unavailable", detail: expect.stringMatching(/^not predicted: /) });
    expect(told).toMatchObject([{ trouble: "scope-degraded", endpoint: "prediction" }]);
    abort.abort();
    await preblock.close();
  }
});

test("PRE-08: a head that no node has any more is told as not predicted", async () => {
  const { preblock, told } = open([nodeOf("late", { knows: false })]);
  expect(await preblock.submit(txOf(1))).toMatchObject({ outcome: "unavailable" });
  expect(told).toMatchObject([{ trouble: "scope-degraded", endpoint: "prediction" }]);
});

test("PRE-08: where blocks come faster than anything can be judged, that is told", async () => {
  const stale = { kind: "foretold", tx: hashOf(1n), isStale: true, findings: [] } as const;
  const deliver = async () => {
    opened!.preblock.onForetold(stale as unknown as Foretold);
    return true;
  };
  const { preblock, told } = open([nodeOf("well")], { deliver });
  const verdict = await preblock.submit(txOf(1));
  expect(verdict).toMatchObject({ outcome: "unavailable", detail: "blocks came faster than it could be judged" });
  expect(told).toMatchObject([{ trouble: "scope-degraded", endpoint: "prediction" }]);
});

test("PRE-08: however often state around a pending transaction is asked for, blocks wait two seconds for it", async () => {
  const rounds = 12;
  let askedMs = 0;
  const answers: boolean[] = [];
  const deliver = async (input: Input) => {
    if (input.kind !== "pending") return false;
    const startMs = performance.now();
    for (let i = 0; i < rounds; i += 1) {
      const address: Address = `0x${(0x5000 + i).toString(16).padStart(40, "0")}`;
      const [answer] = (await opened!.preblock.answer(input.bundle.ref, [{ kind: "balance", at: "block", address }]))!;
      answers.push(answer!.ok);
    }
    askedMs = performance.now() - startMs;
    return false;
  };
  const { preblock } = open([nodeOf("slow", { slowMs: 900 })], { deliver });
  await preblock.submit(txOf(1));
  expect(answers).toHaveLength(rounds);
  expect(answers[0]).toBe(true);
  expect(askedMs).toBeLessThan(3_500);
}, 60_000);

test("PRE-08: transactions that burn what there is hold up none that pays more", async () => {
  const verdicts: Hex[] = [];
  const node = nodeOf("well", { code: { [spinner]: countsDown } });
  const { preblock } = open([node], { onVerdict: ({ hash }) => void verdicts.push(hash), followPool: false });
  const price = (tip: bigint) => ({ maxFeePerGas: 10n + tip, maxPriorityFeePerGas: tip });
  const input: Hex = `0x${(34_000_000).toString(16).padStart(64, "0")}${us.slice(2)}`;
  const from = (n: number): Address => `0x${n.toString(16).padStart(40, "0")}`;
  const cheap = Array.from({ length: 6 }, (_, i) =>
    txOf(i, { from: from(0x100 + i), to: spinner, input, gas: 50_000_000n, ...price(1n) }),
  );
  const theft = txOf(50, { from: from(0x200), ...price(2n) });
  await Promise.all([...cheap, theft].map(preblock.submit));
  expect(verdicts[0]).toBe(theft.hash);
});

test("PRE-08: at a base fee that was not known one of those that no block may take goes before at most", async () => {
  const verdicts: Hex[] = [];
  const node = nodeOf("well", { baseFee: "0x32" });
  const { preblock } = open([node], { onVerdict: ({ hash }) => void verdicts.push(hash) });
  const from = (n: number): Address => `0x${n.toString(16).padStart(40, "0")}`;
  const flood = Array.from({ length: 5 }, (_, i) =>
    txOf(i, { from: from(0x100 + i), maxFeePerGas: 40n, maxPriorityFeePerGas: 40n }),
  );
  const theft = txOf(50, { from: from(0x200), maxFeePerGas: 100n, maxPriorityFeePerGas: 2n });
  await Promise.all([...flood, theft].map(preblock.submit));
  expect(verdicts.indexOf(theft.hash)).toBe(1);
});

test("PRE-01: what was judged after a transaction that is replaced is judged again on the same head", async () => {
  const verdicts: Hex[] = [];
  const { preblock } = open([nodeOf("well")], { onVerdict: ({ hash }) => void verdicts.push(hash) });
  const price = (tip: bigint) => ({ maxFeePerGas: 10n + tip, maxPriorityFeePerGas: tip });
  const [harmless, theft, setup] = [txOf(1, price(5n)), txOf(2, { nonce: 1, ...price(5n) }), txOf(3, price(6n))];
  for (const tx of [harmless, theft, setup]) await preblock.submit(tx);
  await idle(preblock);
  expect(verdicts).toEqual([harmless.hash, theft.hash, setup.hash, theft.hash]);
});

test("PRE-04: a token that leaves a protected address without a call of it is not taken to be elsewhere", async () => {
  const transfer = "ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef";
  // Says that something went from us to whoever calls.
  const token: Hex = `0x3373${us.slice(2)}7f${transfer}5f5fa300`;
  const { preblock } = open([nodeOf("well", { code: { [stranger]: token } })]);
  expect(await preblock.submit(txOf(1, { to: stranger }))).toMatchObject({ detail: "the watch ends" });
});

test("PRE-08: the end of the watch is no trouble, and whoever waits for a verdict then is told", async () => {
  const { preblock, told, abort } = open([nodeOf("slow", { slowMs: 500 })]);
  const all = [1, 2, 3].map((n) => preblock.submit(txOf(n)));
  await new Promise((resolve) => setTimeout(resolve, 50));
  abort.abort();
  await preblock.close();
  for (const one of all) expect(await inTime(500, one)).toMatchObject({ outcome: "unavailable" });
  expect(await inTime(500, preblock.submit(txOf(4)))).toMatchObject({ outcome: "unavailable" });
  expect(told).toEqual([]);
});

test("PRE-01: what is submitted as soon as the one before has its verdict has one too", async () => {
  const { preblock } = open([nodeOf("well")]);
  const all = (async () => {
    for (let n = 0; n < 5; n++) await preblock.submit(txOf(n));
  })();
  expect(await inTime(10_000, all)).not.toBe("hangs");
});

test("PRE-04: a call that stays away counts once among those by which a contract is known, on however many heads it waits", async () => {
  const nears: unknown[] = [];
  const { preblock } = open([nodeOf("well")], { onVerdict: ({ near }) => void nears.push(near) });
  const waits = txOf(1, { to: stranger });
  await preblock.submit(waits);
  for (let n = 6n; n < 14n; n++) {
    preblock.moveTo(refOf(n));
    await idle(preblock);
  }
  expect(nears).toEqual(new Array(9).fill("unknown"));
  expect(await preblock.submit(txOf(2, { to: stranger }))).toMatchObject({ near: "unknown", outcome: "elsewhere" });
  for (let n = 3; n < 6; n++) await preblock.submit(txOf(n, { to: stranger }));
  expect(await preblock.submit(txOf(6, { to: stranger }))).toMatchObject({ near: null, outcome: "far" });
});

test("PRE-08: what takes too long after others of its sender is tried by itself on later heads", async () => {
  let broken = 0;
  const node = nodeOf("well", { code: { [spinner]: countsDown } });
  const { preblock } = open([node], { onNotPredicted: () => void broken++ });
  const of = (nonce: number): PendingTx => {
    const input: Hex = `0x${(34_000_000).toString(16).padStart(64, "0")}${us.slice(2)}`;
    return txOf(nonce, { to: spinner, input, gas: 1_050_000_000n, nonce });
  };
  // As dear as one may be, and as many as are tried after one another: more than two seconds on a quick machine too.
  const all = Array.from({ length: 16 }, (_, i) => of(i));
  await Promise.all(all.map(preblock.submit));
  const first = broken;
  preblock.moveTo(refOf(6n));
  await idle(preblock);
  expect(first).toBeGreaterThan(0);
  expect(broken - first).toBeLessThan(first);
});

test("PRE-08: a flood of replacements before thousands of the same sender costs the main thread about what others do", () => {
  // Time of our own on a processor, and the least of three: other work on the machine decides nothing.
  const work = (placeOf: (n: number) => Partial<PendingTx>) => {
    const { preblock } = open([nodeOf("well")]);
    const before = process.cpuUsage();
    for (let n = 0; n < 5_000; n++) {
      const maxFeePerGas = BigInt(1_000 + n);
      void preblock.submit(txOf(n, { maxFeePerGas, maxPriorityFeePerGas: maxFeePerGas, ...placeOf(n) }));
    }
    const { user, system } = process.cpuUsage(before);
    return user + system;
  };
  const took = (placeOf: (n: number) => Partial<PendingTx>) => Math.min(...[1, 2, 3].map(() => work(placeOf)));
  const others = took((n) => ({ from: `0x${n.toString(16).padStart(40, "0")}` }));
  // A hundred times as long where each has all of its sender's ordered anew.
  expect(took((n) => ({ nonce: n < 4_000 ? 1 + (n % 16) : 0 }))).toBeLessThan(5 * others);
});

test("PRE-08: a flood of large calls that go elsewhere is looked through in pieces, and once", async () => {
  const watched = Array.from(
    { length: 40 },
    (_, i): Address => `0x${(0xab_cd_ef_00 + i).toString(16).padStart(40, "12")}`,
  );
  const { preblock } = open([nodeOf("well")], { watched });
  for (let n = 0; n < 6; n++) await preblock.submit(txOf(n, { to: stranger, nonce: n }));
  const filling = "12".repeat(128 * 1_024 - 3);
  const flood = Array.from({ length: 200 }, (_, i) =>
    txOf(100 + i, { to: stranger, nonce: 100 + i, input: `0x${filling}${i.toString(16).padStart(6, "0")}` }),
  );
  const from = performance.now();
  const all = Promise.all(flood.map(preblock.submit));
  const longest = await longestTurn(all);
  const took = performance.now() - from;
  expect((await all).map(({ outcome }) => outcome)).toEqual(flood.map(() => "far"));
  const before = performance.now();
  preblock.moveTo(refOf(6n));
  expect(performance.now() - before).toBeLessThan(took / 10);
  expect(longest).toBeLessThan(took / 4);
});

/** The longest time, in ms, for which nothing else had its turn until `work` was done. */
async function longestTurn(work: Promise<unknown>): Promise<number> {
  let isDone = false;
  const done = work.finally(() => {
    isDone = true;
  });
  let longest = 0;
  for (let last = performance.now(); !isDone; last = performance.now()) {
    await new Promise(setImmediate);
    longest = Math.max(longest, performance.now() - last);
  }
  await done;
  return longest;
}

test("PRE-04: what was found harmful is outbid as long as it waits, though a later head cannot be judged on", async () => {
  const deliver = async (input: Input) => {
    const tx = (input as Extract<Input, { kind: "pending" }>).prediction.tx;
    const foretold = { kind: "foretold", tx, isStale: false, findings: [{ severity: "critical" }] };
    opened!.preblock.onForetold(foretold as unknown as Foretold);
    return true;
  };
  const [well, late] = [nodeOf("well"), nodeOf("late", { knows: false })];
  let node = well;
  const batch: Endpoint["batch"] = (calls) => node.batch(calls);
  const { preblock } = open([{ ...well, request: (method, params) => node.request(method, params), batch }], {
    deliver,
  });
  const theft = txOf(1, { maxFeePerGas: 100n, maxPriorityFeePerGas: 7n });
  expect(await preblock.submit(theft)).toMatchObject({ severity: "critical" });
  expect(preblock.bids.highest()).toEqual({ tipWei: 7n, maxFeeWei: 100n });
  node = late;
  preblock.moveTo(refOf(6n));
  await idle(preblock);
  expect(preblock.bids.highest()).toEqual({ tipWei: 7n, maxFeeWei: 100n });
});
