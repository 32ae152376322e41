import type { CallFrame, Log } from "@testudo/core/model/BlockBundle";
import type { Hex } from "@testudo/core/model/Hex";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Anvil, startAnvil } from "../fork/startAnvil.ts";
import { RpcMalformed } from "../rpc/RpcError.ts";
import { type Endpoint, openEndpoint } from "../rpc/rpcEndpoint.ts";
import { refusal, serveChanged } from "../testkit/faultyNode.testkit.ts";
import { mineRandom } from "../testkit/mineRandom.testkit.ts";
import type { Block } from "../wire/parseBlock.ts";
import { parseLogs } from "../wire/parseLogs.ts";
import { fetchBlock, fetchBundles } from "./fetchBundle.ts";
import { recallTraces } from "./recallTraces.ts";
import { traceBlocks } from "./traceBlocks.ts";

const all = 1_000n;

let anvil: Anvil;
let node: Endpoint;
let blocks: Block[];
let logs: Log[][];

beforeAll(async () => {
  anvil = await startAnvil({ noMining: true, args: ["--hardfork", "prague"] });
  node = openEndpoint(anvil.url);
  blocks = await mineRandom(node, { count: 12, each: 8 });
  logs = await Promise.all(blocks.map(({ ref }) => logsAt(ref.hash)));
});
afterAll(async () => {
  node.close();
  await anvil.stop();
});

async function logsAt(blockHash: Hex): Promise<Log[]> {
  return parseLogs(await node.request("eth_getLogs", [{ blockHash }]), blockHash, { method: "eth_getLogs" });
}

describe("call trees that anvil remembers", () => {
  test.each([1.5, -1, 2 ** 60, "1", {}])(
    "error: STREAM-07: a node that says it was forked at block %j is malformed",
    async (at) => {
      const proxy = await serveChanged(anvil.url, ({ method }, answer) =>
        method === "anvil_nodeInfo" ? { ...answer, result: { forkConfig: { forkBlockNumber: at } } } : answer,
      );
      const endpoint = openEndpoint(proxy.url);
      const told = recallTraces(endpoint, blocks, { frameLogs: [], below: all }, Promise.resolve(logs));
      await expect(told).rejects.toThrow(RpcMalformed);
      endpoint.close();
      await proxy.close();
    },
  );

  test("STREAM-07: they are frame by frame those of callTracer but for logs and the words of an error", async () => {
    const recalled = await recallTraces(node, blocks, { frameLogs: [], below: all }, Promise.resolve(logs));
    const traced = await traceBlocks(node, blocks);
    const kinds = new Set<string>();
    for (const [i, one] of recalled.entries()) {
      expect(one?.source).toBe("trace_block");
      expect(one?.traces.map(bare)).toEqual(traced[i]?.traces.map(bare));
      for (const trace of traced[i]!.traces) noteKinds(trace, kinds);
    }
    // A comparison of plain transfers would prove nothing.
    expect([...kinds].sort()).toMatchInlineSnapshot(`
      [
        "CALL",
        "CALL failed",
        "CALLCODE",
        "CALLCODE failed",
        "CREATE",
        "CREATE failed",
        "CREATE2",
        "CREATE2 failed",
        "DELEGATECALL",
        "DELEGATECALL failed",
        "SELFDESTRUCT",
        "STATICCALL",
        "STATICCALL failed",
      ]
    `);
  });

  test("a block with a log that is looked for inside frames is executed again", async () => {
    const frameLogs = [logs.flat()[0]!.topics[0]!];
    const isSought = logs.map((ofBlock) => ofBlock.some(({ topics }) => topics[0] === frameLogs[0]));
    expect(new Set(isSought).size).toBe(2);
    const found = await recallTraces(node, blocks, { frameLogs, below: all }, Promise.resolve(logs));
    expect(found.map((one) => one?.source)).toEqual(
      isSought.map((is) => (is ? "debug_traceBlockByHash" : "trace_block")),
    );
  });

  test("blocks that are not history are executed again", async () => {
    const found = await recallTraces(node, blocks, { frameLogs: [], below: 3n }, Promise.resolve(logs));
    expect(found.slice(0, 4).map((one) => one?.source)).toEqual([
      "trace_block",
      "trace_block",
      "debug_traceBlockByHash",
      "debug_traceBlockByHash",
    ]);
  });

  test("another node is not asked for what it would execute again anyway", async () => {
    const proxy = await serveChanged(anvil.url, (call, answer) =>
      call.method.startsWith("anvil_") ? refusal(call, -32601, "Method not found") : answer,
    );
    const endpoint = openEndpoint(proxy.url);
    try {
      for (let round = 0; round < 2; round++) {
        const bundles = await fetchBundles(endpoint, blocks, ["X", "L", "T"], [], {
          recall: { frameLogs: [], below: all },
        });
        expect(new Set(bundles.map(({ traceSource }) => traceSource))).toEqual(new Set(["debug_traceBlockByHash"]));
      }
      expect(proxy.seen.calls.get("trace_block")).toBeUndefined();
      expect(proxy.seen.calls.get("anvil_nodeInfo")).toBe(1);
    } finally {
      endpoint.close();
      await proxy.close();
    }
  });

  test("blocks of a chain that anvil forked are executed again", async () => {
    const fork = await startAnvil({ noMining: true, forkUrl: anvil.url, forkBlock: 4n });
    const endpoint = openEndpoint(fork.url);
    try {
      const own = await Promise.all([4n, 3n].map((number) => fetchBlock(endpoint, number, true)));
      const found = await recallTraces(endpoint, own, { frameLogs: [], below: all }, Promise.resolve([[], []]));
      expect(found.map((one) => one?.source)).toEqual(["debug_traceBlockByHash", "debug_traceBlockByHash"]);
    } finally {
      endpoint.close();
      await fork.stop();
    }
  });
});

function bare({ error, logs: _, calls, ...frame }: CallFrame): unknown {
  return { ...frame, failed: error !== undefined, calls: calls.map(bare) };
}

function noteKinds({ type, error, calls }: CallFrame, kinds: Set<string>): void {
  kinds.add(error === undefined ? type : `${type} failed`);
  for (const call of calls) noteKinds(call, kinds);
}
