import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { CallFrame } from "@testudo/core/model/BlockBundle";
import type { Hex } from "@testudo/core/model/Hex";
import fc from "fast-check";
import { privateKeyToAccount } from "viem/accounts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { anvilAccount } from "../fork/anvilAccount.ts";
import { type Anvil, startAnvil } from "../fork/startAnvil.ts";
import { BlockUnknown } from "../rpc/BlockUnknown.ts";
import { RpcMalformed } from "../rpc/RpcError.ts";
import { type Endpoint, openEndpoint } from "../rpc/rpcEndpoint.ts";
import {
  type FaultyNode,
  refusal,
  serveChanged,
  type WireAnswer,
  type WireCall,
} from "../testkit/faultyNode.testkit.ts";
import { bloomOf, fitsBloom } from "../wire/bloomOf.ts";
import { parseFrame } from "../wire/parseTrace.ts";
import { fetchBlock, fetchBundle, LogsIncomplete } from "./fetchBundle.ts";

let anvil: Anvil;
let node: Endpoint;
let hash: Hex;

// Runtime code: logs the call with topic 1, then destroys itself in favour of the caller.
const logAndDie = "0x68600160006000a133ff60005260096017f3";
// Runtime code: destroys itself in favour of itself, which changes nothing from Cancun on.
const dieForItself = "0x6130ff6000526002601ef3";
const die = "0x5fbdb2315678afecb367f032d93f642f64180aa3";

beforeAll(async () => {
  anvil = await startAnvil({ noMining: true });
  node = openEndpoint(anvil.url, { label: "anvil" });
  const [from] = (await node.request("eth_accounts")) as Hex[];
  const send = (nonce: number, tx: object) =>
    node.request("eth_sendTransaction", [{ from, gas: "0x100000", nonce: `0x${nonce}`, ...tx }]);
  await send(0, { data: logAndDie });
  await send(1, { data: "0x60006000fd" });
  await send(2, { to: die, value: "0x5" });
  await node.request("evm_mine");
  hash = (await fetchBlock(node, 1n, false)).ref.hash;
});
afterAll(async () => {
  node.close();
  await anvil.stop();
});

/** A proxy before anvil, for as long as `use` takes. */
async function through<T>(
  change: (call: WireCall, answer: WireAnswer) => WireAnswer,
  use: (endpoint: Endpoint, proxy: FaultyNode) => Promise<T>,
): Promise<T> {
  const proxy = await serveChanged(anvil.url, change);
  const endpoint = openEndpoint(proxy.url, { label: "proxy" });
  try {
    return await use(endpoint, proxy);
  } finally {
    endpoint.close();
    await proxy.close();
  }
}

describe("a bundle from anvil", () => {
  test("has transactions, logs and call trees; by hash and by number it is the same", async () => {
    const bundle = await fetchBundle(node, hash, ["L", "X", "T"]);
    expect(await fetchBundle(node, 1n, ["L", "X", "T"])).toEqual(bundle);
    expect(bundle.txs.map(({ to, value, nonce }) => ({ to, value, nonce }))).toEqual([
      { to: null, value: 0n, nonce: 0 },
      { to: null, value: 0n, nonce: 1 },
      { to: die, value: 5n, nonce: 2 },
    ]);
    expect(bundle.logs).toEqual([
      { address: die, topics: [`0x${"1".padStart(64, "0")}`], data: "0x", index: 0, txIndex: 2 },
    ]);
    expect(bundle.traces?.map(({ type, to, error }) => ({ type, to, error }))).toEqual([
      { type: "CREATE", to: die, error: undefined },
      { type: "CREATE", to: `0x${"0".repeat(40)}`, error: "execution reverted" },
      { type: "CALL", to: die, error: undefined },
    ]);
    const destroyed = bundle.traces?.[2]?.calls[0];
    expect(destroyed).toMatchObject({ type: "SELFDESTRUCT", from: die, value: 5n });
    expect(bundle.traceSource).toBe("debug_traceBlockByHash");
    expect(bundle.has).toEqual(["L", "X", "T"]);
  });

  test("STREAM-07: an account that destroys itself in its own favour does not stop the stream", async () => {
    const own = await startAnvil({ noMining: true });
    const endpoint = openEndpoint(own.url);
    try {
      const [from] = (await endpoint.request("eth_accounts")) as Hex[];
      await endpoint.request("eth_sendTransaction", [{ from, data: dieForItself, gas: "0x100000" }]);
      await endpoint.request("evm_mine");
      await endpoint.request("eth_sendTransaction", [{ from, to: die, gas: "0x100000" }]);
      await endpoint.request("evm_mine");
      const { traces } = await fetchBundle(endpoint, 2n, ["X", "T"]);
      expect(traces).toMatchObject([{ type: "CALL", to: die, calls: [] }]);
      expect(traces?.[0]?.error).toBeUndefined();
    } finally {
      endpoint.close();
      await own.stop();
    }
  });

  test("names who signed a delegation, and passes over a signature that names nobody (EIP-7702)", async () => {
    const own = await startAnvil({ noMining: true, args: ["--hardfork", "prague"] });
    const endpoint = openEndpoint(own.url, { label: "prague" });
    try {
      const key = `0x${"5e".repeat(32)}` as const;
      const signer = privateKeyToAccount(key);
      const authorization = await signer.signAuthorization({ chainId: 31_337, contractAddress: die, nonce: 0 });
      const forged = { ...authorization, r: `0x${"0".repeat(63)}5` as const };
      // anvil's own first account, known to everybody.
      const payer = anvilAccount();
      const raw = await payer.signTransaction({
        type: "eip7702",
        chainId: 31_337,
        nonce: 0,
        to: payer.address,
        gas: 200_000n,
        maxFeePerGas: 10n ** 10n,
        maxPriorityFeePerGas: 1n,
        authorizationList: [authorization, forged],
      });
      await endpoint.request("eth_sendRawTransaction", [raw]);
      await endpoint.request("evm_mine");
      const bundle = await fetchBundle(endpoint, 1n, ["X"]);
      const [first, ...others] = bundle.txs[0]!.delegations!;
      expect(first).toEqual({ authority: signer.address.toLowerCase(), to: die });
      expect(others.map(({ authority }) => authority)).not.toContain(signer.address.toLowerCase());
      expect(Object.keys(bundle.txs[0]!)).not.toContain("authorizations");
    } finally {
      endpoint.close();
      await own.stop();
    }
  });

  test("asks for nothing that no scope needs", async () => {
    await through(
      (_, answer) => answer,
      async (endpoint, proxy) => {
        const bundle = await fetchBundle(endpoint, hash, ["L"]);
        expect(bundle.txs).toEqual([]);
        expect([...proxy.seen.calls.keys()]).toEqual(["eth_getBlockByHash", "eth_getLogs"]);
      },
    );
  });

  test("error: unknown block", async () => {
    await expect(fetchBundle(node, 99n, ["L"])).rejects.toThrow(BlockUnknown);
    await expect(fetchBundle(node, `0x${"11".repeat(32)}`, ["L"])).rejects.toThrow(BlockUnknown);
  });
});

describe("call trees", () => {
  test("STREAM-07: without debug_ they come from trace_block, the same but for the logs", async () => {
    const traced = await fetchBundle(node, hash, ["X", "T"]);
    await through(
      (call, answer) => (call.method.startsWith("debug_") ? refusal(call, -32601, "Method not found") : answer),
      async (endpoint, proxy) => {
        const bundle = await fetchBundle(endpoint, hash, ["X", "T"]);
        expect(bundle.traceSource).toBe("trace_block");
        expect(bundle.traces?.map(shape)).toEqual(traced.traces?.map(shape));
        await fetchBundle(endpoint, hash, ["X", "T"]);
        expect(proxy.seen.calls.get("debug_traceBlockByHash")).toBe(1);
      },
    );
  });

  test("STREAM-08: where a node has neither, the bundle lacks T", async () => {
    await through(
      (call, answer) => (/^(debug|trace)_/.test(call.method) ? refusal(call, -32601, "Method not found") : answer),
      async (endpoint) => {
        const bundle = await fetchBundle(endpoint, hash, ["X", "T"]);
        expect(bundle.has).toEqual(["X"]);
        expect(bundle.traces).toBeUndefined();
      },
    );
  });

  test.each([
    ["fewer trees than transactions", (list: unknown[]) => list.slice(1)],
    ["trees in another order", (list: unknown[]) => [...list].reverse()],
  ])("error: %s", async (_, change) => {
    await through(
      (call, answer) =>
        call.method === "debug_traceBlockByHash" ? { ...answer, result: change(answer.result as unknown[]) } : answer,
      (endpoint) => expect(fetchBundle(endpoint, hash, ["T"])).rejects.toThrow(RpcMalformed),
    );
  });

  test("error: a tree deeper than the EVM allows is refused, not followed", () => {
    let frame: object = { type: "CALL", from: die, to: die, input: "0x" };
    for (let i = 0; i < 20_000; i++) frame = { type: "CALL", from: die, to: die, input: "0x", calls: [frame] };
    expect(() => parseFrame(frame, { method: "debug_traceTransaction" })).toThrow(RpcMalformed);
  });

  const data = process.env.TESTUDO_DATA;
  test.skipIf(data === undefined)(
    "STREAM-07: every tree of go-ethereum's tracer tests is read (needs TESTUDO_DATA)",
    () => {
      let count = 0;
      for (const folder of ["call_tracer", "call_tracer_withLog"]) {
        const path = join(data!, "geth-tracer", folder);
        for (const file of readdirSync(path).filter((name) => name.endsWith(".json"))) {
          const { result } = JSON.parse(readFileSync(join(path, file), "utf8")) as { result: unknown };
          const frame = parseFrame(result, { method: file });
          expect(countFrames(frame)).toBe(JSON.stringify(result).split('"type":').length - 1);
          count += 1;
        }
      }
      expect(count).toBeGreaterThan(20);
    },
  );
});

describe("logs", () => {
  test("STREAM-06: logs that do not make up the header's bloom are refused", async () => {
    await through(
      (call, answer) => (call.method === "eth_getLogs" ? { ...answer, result: [] } : answer),
      (endpoint) => expect(fetchBundle(endpoint, hash, ["L"])).rejects.toThrow(LogsIncomplete),
    );
  });

  test("error: a log of another block", async () => {
    const change = (log: object) => ({ ...log, blockHash: `0x${"22".repeat(32)}` });
    await through(
      (call, answer) =>
        call.method === "eth_getLogs" ? { ...answer, result: (answer.result as object[]).map(change) } : answer,
      (endpoint) => expect(fetchBundle(endpoint, hash, ["L"])).rejects.toThrow(/logs\[0\]\.blockHash/),
    );
  });

  test("a bloom misses no log, and a zero bloom says nothing", () => {
    const bytes = (n: number) =>
      fc.uint8Array({ minLength: n, maxLength: n }).map((b): Hex => `0x${Buffer.from(b).toString("hex")}`);
    const log = fc.record({ address: bytes(20), topics: fc.array(bytes(32), { maxLength: 4 }) });
    fc.assert(
      fc.property(fc.array(log, { minLength: 1, maxLength: 8 }), (entries) => {
        const logs = entries.map((entry, i) => ({ ...entry, data: "0x" as Hex, index: i, txIndex: 0 }));
        expect(fitsBloom(logs, bloomOf(logs))).toBe(true);
        expect(fitsBloom([], bloomOf(logs))).toBe(false);
        expect(fitsBloom([], `0x${"00".repeat(256)}`)).toBe(true);
      }),
    );
  });
});

describe("error: malformed blocks name method and field", () => {
  const fields = ["number", "hash", "parentHash", "timestamp", "logsBloom", "transactions"];
  const bad = [undefined, null, 7, "0xzz", "0x1", {}, "0x"];
  test.each(fields)("%s", async (field) => {
    for (const value of bad) {
      // A short quantity is right for a number and a time.
      if (value === "0x1" && (field === "number" || field === "timestamp")) continue;
      await through(
        (_, answer) => ({ ...answer, result: { ...(answer.result as object), [field]: value } }),
        (endpoint) =>
          expect(fetchBlock(endpoint, hash, true)).rejects.toThrow(new RegExp(`eth_getBlockByHash.*${field}`, "s")),
      );
    }
  });
});

function shape(frame: CallFrame): unknown {
  const { type, from, to, value, input, error } = frame;
  return { type, from, to, value, input, failed: error !== undefined, calls: frame.calls.map(shape) };
}

function countFrames(frame: CallFrame): number {
  return 1 + frame.calls.reduce((sum, call) => sum + countFrames(call), 0);
}
