// Against a real anvil, mostly behind a proxy that traces nothing, as most operators' nodes do. What comes of executing a block
// again is compared with what anvil's own tracer says of it.
import { fetchBlock, fetchBundle } from "@testudo/chain/block/fetchBundle";
import { anvilAccount } from "@testudo/chain/fork/anvilAccount";
import { type Anvil, startAnvil } from "@testudo/chain/fork/startAnvil";
import { type Endpoint, type EndpointOptions, openEndpoint } from "@testudo/chain/rpc/rpcEndpoint";
import { record } from "@testudo/chain/testkit/collect.testkit";
import {
  forward,
  refusal,
  serveCalls,
  type WireAnswer,
  type WireCall,
} from "@testudo/chain/testkit/faultyNode.testkit";
import { mineRandom } from "@testudo/chain/testkit/mineRandom.testkit";
import type { Block } from "@testudo/chain/wire/parseBlock";
import type { BlockBundle, CallFrame } from "@testudo/core/model/BlockBundle";
import { walk } from "@testudo/core/model/CallTree";
import type { Hex } from "@testudo/core/model/Hex";
import { getContractAddress } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const chainId = 31_337;
// anvil's own first account, known to everybody.
const payer = anvilAccount();
// Adds one to slot 0 and logs what was there before.
const counter = "5f54805f526001015f5560205fa000";
const makesCounter: Hex = `0x600f600a5f39600f5ff3${counter}`;
// A worker cannot load TypeScript: the built one is run.
const { openExecutor } = (await import(new URL("../../dist/reexecute/Executor.js", import.meta.url).href)) as {
  openExecutor: typeof import("./Executor.ts").openExecutor;
};
const executor = openExecutor({ chainId });
const execute = executor.traces;

let anvil: Anvil;
let node: Endpoint;
let random: Block[];
let counted: Block;
let countOn: () => Promise<void>;
let delegated: Block;

beforeAll(async () => {
  anvil = await startAnvil({ noMining: true, args: ["--hardfork", "prague", "--order", "fifo"] });
  node = openEndpoint(anvil.url);
  random = await mineRandom(node, { count: 12, each: 8 });
  const to = getContractAddress({ from: payer.address, nonce: BigInt(await nonce()) });
  const signer = privateKeyToAccount(`0x${"5e".repeat(32)}`);
  // anvil takes an account that is nowhere for one that is there, and gives gas back for it.
  await mined(async () => {
    await send({ data: makesCounter });
    await send({ to: signer.address, value: "0x1" });
  });
  countOn = async () => {
    for (let i = 0; i < 3; i++) await send({ to });
  };
  await mined(countOn);
  counted = await mined(countOn);
  delegated = await mined(async () => {
    const authorizationList = [await signer.signAuthorization({ chainId, contractAddress: to, nonce: 0 })];
    const fees = { gas: 200_000n, maxFeePerGas: 10n ** 10n, maxPriorityFeePerGas: 1n };
    const sent = { type: "eip7702", chainId, nonce: await nonce(), to: signer.address, authorizationList } as const;
    await node.request("eth_sendRawTransaction", [await payer.signTransaction({ ...sent, ...fees })]);
    await send({ to: signer.address });
  });
});
afterAll(async () => {
  await executor.close();
  node.close();
  await anvil.stop();
});

async function nonce(): Promise<number> {
  return Number(await node.request("eth_getTransactionCount", [payer.address, "pending"]));
}

async function send(tx: { readonly to?: Hex; readonly data?: Hex; readonly value?: Hex }): Promise<void> {
  await node.request("eth_sendTransaction", [{ from: payer.address, gas: "0x30d40", ...tx }]);
}

async function mined(sendAll: () => Promise<void>): Promise<Block> {
  await sendAll();
  await node.request("evm_mine");
  return fetchBlock(node, BigInt((await node.request("eth_blockNumber")) as Hex), true);
}

/**
 * As it is compared: every engine has its own words for how code failed; anvil tells of logs that failed with their frame, as
 * geth does not, and not of a destruction in one's own favour, as geth does.
 */
function plain(trace: CallFrame): unknown {
  return walk(trace)
    .filter(({ frame: { type, from, to } }) => type !== "SELFDESTRUCT" || from !== to)
    .map(({ frame: { calls: _, error, logs, ...frame }, depth, reverted }) => ({
      ...frame,
      depth,
      failed: error !== undefined,
      logs: reverted ? [] : logs,
    }));
}

async function tracesOf(endpoint: Endpoint, { ref }: Block): Promise<readonly CallFrame[]> {
  const { logs } = await fetchBundle(node, ref.hash, ["L"]);
  const made = await execute(endpoint, await fetchBlock(node, ref.hash, true), logs);
  if ("why" in made) throw new Error(made.why);
  return made.traces;
}

/** The node through a proxy that traces nothing, and that lets `change` alter what else it answers. */
async function throughBlind<T>(
  change: (call: WireCall, answer: WireAnswer) => WireAnswer | Promise<WireAnswer>,
  use: (endpoint: Endpoint, seen: { readonly requests: number; readonly calls: Map<string, number> }) => Promise<T>,
  options: EndpointOptions = {},
): Promise<T> {
  // The node behind is not even asked: it would execute all the same, and a large tree takes it longer than the watch waits.
  const proxy = await serveCalls(async (call) =>
    /^(debug|trace)_/.test(call.method)
      ? refusal(call, -32601, "Method not found")
      : change(call, await forward(anvil.url, call)),
  );
  const endpoint = openEndpoint(proxy.url, { label: "blind", ...options });
  try {
    return await use(endpoint, proxy.seen);
  } finally {
    endpoint.close();
    await proxy.close();
  }
}

const unchanged = (_: WireCall, answer: WireAnswer) => answer;

describe("STREAM-07: a block that no node traces is executed again", () => {
  test("frame by frame as the node's own tracer has it: 12 blocks of 96 contracts made at random", async () => {
    const kinds = new Set<string>();
    for (const block of random) {
      const { traces } = await fetchBundle(node, block.ref.hash, ["X", "T"]);
      const ours = await throughBlind(unchanged, (endpoint) => tracesOf(endpoint, block));
      expect(ours.map(plain)).toEqual(traces!.map(plain));
      for (const trace of ours)
        for (const { frame } of walk(trace)) kinds.add(`${frame.type}${frame.error ? " failed" : ""}`);
    }
    // A comparison of plain transfers would prove nothing.
    expect(kinds.size).toBeGreaterThanOrEqual(12);
  });

  test("each transaction on what those before it wrote, and code that an account signed for", async () => {
    for (const block of [counted, delegated]) {
      const { traces } = await fetchBundle(node, block.ref.hash, ["X", "T"]);
      const ours = await throughBlind(unchanged, (endpoint) => tracesOf(endpoint, block));
      expect(ours.map(plain)).toEqual(traces!.map(plain));
    }
    const words = (await tracesOf(node, counted)).flatMap(({ logs }) => logs.map(({ data }) => BigInt(data)));
    expect(words).toEqual([3n, 4n, 5n]);
  });

  test("after what the chain itself writes before the first transaction (EIP-2935, EIP-4788), and no trace of its writer", async () => {
    const history = "0x0000f90827f1c53a10cb7a02335b175320002935";
    const roots = "0x000f3df6d732807ef1319fb7b8bb8522d0beac02";
    const head = "3373fffffffffffffffffffffffffffffffffffffffe14";
    const codes = {
      [history]: `${head}604657602036036042575f35600143038111604257611fff81430311604257611fff9006545f5260205ff35b5f5ffd5b5f35611fff60014303065500`,
      [roots]: `${head}604d57602036146024575f5ffd5b5f35801560495762001fff810690815414603c575f5ffd5b62001fff01545f5260205ff35b5f5ffd5b62001fff42064281555f359062001fff015500`,
    };
    for (const [address, code] of Object.entries(codes)) await node.request("anvil_setCode", [address, `0x${code}`]);
    // Logs what either contract answers to a word (the number before, the time), then the code hash of who makes the calls.
    const ask = (address: string, word: string) => `${word}5f5260205f60205f73${address.slice(2)}5afa5060205fa0`;
    const asker = `${ask(history, "60014303")}${ask(roots, "42")}73${"f".repeat(39)}e3f5f5260205fa000`;
    const at = `0x${"a5".repeat(20)}` as const;
    await node.request("anvil_setCode", [at, `0x${asker}`]);
    await node.request("evm_mine");
    const block = await mined(() => send({ to: at }));
    const { parentBeaconBlockRoot } = (await node.request("eth_getBlockByHash", [block.ref.hash, false])) as {
      readonly parentBeaconBlockRoot: Hex;
    };
    const words = [block.ref.parentHash, parentBeaconBlockRoot, `0x${"0".repeat(64)}` as const];
    // anvil makes no such writes: its own logs, and its gas where a call fails, are others.
    const logs = words.map((data, index) => ({ address: at, topics: [], data, index, txIndex: 0 }));
    const gas = await openExecutor({ chainId }).traces(node, block, logs);
    const [, used] = /it used (\d+) gas here/.exec("why" in gas ? gas.why : "") ?? [];
    const made = await throughBlind(
      (call, answer) =>
        used !== undefined && call.method === "eth_getBlockByHash"
          ? { ...answer, result: { ...(answer.result as object), gasUsed: `0x${Number(used).toString(16)}` } }
          : answer,
      (endpoint) => execute(endpoint, block, logs),
    );
    expect(made).toMatchObject({ traces: [{ logs: words.map((data) => ({ data })) }] });
  });

  test("with few requests, each of many questions", async () => {
    await throughBlind(unchanged, async (endpoint, seen) => {
      await tracesOf(endpoint, random.at(-1)!);
      const questions = [...seen.calls.values()].reduce((sum, calls) => sum + calls, 0);
      expect(questions).toBeGreaterThan(80);
      expect(seen.requests * 6).toBeLessThan(questions);
    });
  });
});

describe("STREAM-07: what came out otherwise is no call tree of the block:", () => {
  test.each<[string, (call: WireCall, answer: WireAnswer) => WireAnswer, RegExp]>([
    [
      "a word of storage that was another",
      (call, answer) =>
        call.method === "eth_getStorageAt" ? { ...answer, result: `0x${"9".padStart(64, "0")}` } : answer,
      /the logs of its transaction 0 are others here than on the chain/,
    ],
    [
      "a balance that was another",
      (call, answer) => (call.method === "eth_getBalance" ? { ...answer, result: "0x1" } : answer),
      /is refused \(unfunded\)/,
    ],
    [
      "gas that was another",
      (call, answer) =>
        call.method === "eth_getBlockByHash"
          ? { ...answer, result: { ...(answer.result as object), gasUsed: "0x1" } }
          : answer,
      /it used \d+ gas here, and 1 on the chain/,
    ],
    [
      "a transaction of a chain's own type",
      (call, answer) => {
        if (call.method !== "eth_getBlockByHash") return answer;
        const block = answer.result as { readonly transactions: readonly object[] };
        const [first, ...others] = block.transactions;
        return { ...answer, result: { ...block, transactions: [{ ...first, type: "0x7e" }, ...others] } };
      },
      /its transaction 0 is of type 126, a chain's own/,
    ],
    [
      "transactions that nobody else has in it",
      (call, answer) => {
        if (call.method !== "eth_getBlockByHash" || call.params[1] !== true) return answer;
        const block = answer.result as { readonly transactions: readonly object[] };
        return { ...answer, result: { ...block, transactions: block.transactions.slice(1) } };
      },
      /the node names other transactions of it than were agreed on/,
    ],
    [
      "a state that the node has no more",
      (call, answer) => (call.method === "eth_getCode" ? refusal(call, -32000, "missing trie node") : answer),
      /missing trie node/,
    ],
  ])("%s", async (_, change, why) => {
    // What another one has executed before is not executed again.
    const own = openExecutor({ chainId });
    await throughBlind(change, async (endpoint) => {
      const recording = record({
        endpoints: [endpoint],
        scopes: ["X", "L", "T"],
        from: random.at(-1)!.ref,
        liveFrom: counted.ref.number,
        reexecute: own.traces,
      });
      try {
        await recording.until(({ events }) => bundles(events).length >= 4);
        const of = bundles(recording.events)[2];
        expect(of!.has).toEqual(["X", "L"]);
        expect(of!.logs).toHaveLength(3);
        expect(recording.troubles.map(({ message }) => message)).toContainEqual(expect.stringMatching(why));
      } finally {
        await recording.stop();
        await own.close();
      }
    });
  });

  test("what takes too long", async () => {
    const slow = async (_: WireCall, answer: WireAnswer) => {
      await new Promise((resolve) => setTimeout(resolve, 150));
      return answer;
    };
    const found = await throughBlind(
      slow,
      async (endpoint) => openExecutor({ chainId }).traces(endpoint, counted, []),
      { timeoutMs: 300 },
    );
    expect(found).toEqual({ why: "it takes longer than 600 ms." });
  });
});

describe("STREAM-07: the stream", () => {
  test("gives live blocks with the trees of either way, and leaves history to the nodes", async () => {
    await throughBlind(unchanged, async (endpoint) => {
      const recording = record({
        endpoints: [endpoint],
        scopes: ["X", "L", "T"],
        from: random.at(-1)!.ref,
        liveFrom: counted.ref.number,
        reexecute: execute,
      });
      try {
        await recording.until(({ events }) => bundles(events).length >= 4);
        const sources = bundles(recording.events).map(({ traceSource }) => traceSource);
        expect(sources.slice(0, 4)).toEqual([undefined, undefined, "re-execution", "re-execution"]);
        const messages = recording.troubles.map(({ trouble }) => trouble);
        expect(messages.slice(0, 2)).toEqual(["scope-degraded", "recovered"]);
      } finally {
        await recording.stop();
      }
    });
  });

  test("executes history too where that is asked for, and nothing that the node traces", async () => {
    for (const [through, source] of [
      [throughBlind, "re-execution"],
      [(_: unknown, use: (endpoint: Endpoint) => Promise<void>) => use(node), "debug_traceBlockByHash"],
    ] as const)
      await through(unchanged, async (endpoint: Endpoint) => {
        const recording = record({
          endpoints: [endpoint],
          scopes: ["X", "L", "T"],
          from: random[9]!.ref,
          reexecute: execute,
          reexecuteHistory: true,
        });
        try {
          await recording.until(({ events }) => bundles(events).length >= 6);
          const sources = bundles(recording.events).map(({ traceSource }) => traceSource);
          expect(new Set(sources.slice(0, 6))).toEqual(new Set([source]));
        } finally {
          await recording.stop();
        }
      });
  });
});

// Last: its blocks are the newest.
describe("STREAM-07: the stream goes on without call trees, which it says, where", () => {
  // 64 KiB of memory, given to an account without code 1,100 times: more than a call tree may hold.
  const bomb = "5f61ffff5361044c5b5f5f620100005f5f6101015af15060019003806008575000";
  async function firstTold(
    change: (call: WireCall, answer: WireAnswer) => WireAnswer,
    block: Block,
    seen: (recorded: { readonly of: BlockBundle; readonly told: readonly string[] }) => void,
  ): Promise<void> {
    await throughBlind(change, async (endpoint) => {
      const from = { hash: block.ref.parentHash, number: block.ref.number - 1n } as Block["ref"];
      const options = { endpoints: [endpoint], scopes: ["X", "L", "T"] as const, from, liveFrom: block.ref.number };
      const own = openExecutor({ chainId });
      const recording = record({ ...options, reexecute: own.traces });
      try {
        await recording.until(({ events }) => bundles(events).length > 0);
        const told = recording.troubles.map(({ message }) => message);
        seen({ of: bundles(recording.events)[0]!, told });
      } finally {
        await recording.stop();
        await own.close();
      }
    });
  }

  test("a transaction makes a call tree that is too large for the engine", async () => {
    const address = `0x${"b0".repeat(20)}` as const;
    await node.request("anvil_setCode", [address, `0x${bomb}`]);
    await node.request("evm_mine");
    const block = await mined(async () => {
      await node.request("eth_sendTransaction", [{ from: payer.address, to: address, gas: "0x1000000" }]);
    });
    await firstTold(unchanged, block, ({ of, told }) => {
      expect(of.has).toEqual(["X", "L"]);
      expect(told).toContainEqual(expect.stringMatching(/nor does executing it again here: .*memory/i));
    });
  });

  test.each<[string, (call: WireCall, answer: WireAnswer) => WireAnswer, RegExp]>([
    [
      "the node names rules that nobody knows",
      (call, answer) =>
        call.method === "anvil_nodeInfo"
          ? { ...answer, result: { ...(answer.result as object), hardFork: "isthmus" } }
          : answer,
      /isthmus/,
    ],
    [
      "nobody names the rules of a chain that is not mainnet",
      (call, answer) => (call.method === "anvil_nodeInfo" ? refusal(call, -32601, "Method not found") : answer),
      /the rules of chain 31337 are not known here: name them as `hardfork`, or with --hardfork/,
    ],
    [
      "its header is not of the rules that are named",
      (call, answer) =>
        call.method === "eth_getBlockByHash"
          ? { ...answer, result: { ...(answer.result as object), difficulty: "0x2" } }
          : answer,
      /its header has a difficulty/,
    ],
    [
      "the node has the block no more",
      (call, answer) =>
        call.method === "eth_getBlockByHash" && call.params[1] === true ? { ...answer, result: null } : answer,
      /has no block 0x/,
    ],
  ])("%s", async (_, change, why) => {
    // The newest: what follows would be executed beside it.
    await firstTold(change, await mined(countOn), ({ of, told }) => {
      expect(of.has).toEqual(["X", "L"]);
      expect(told).toContainEqual(expect.stringMatching(why));
    });
  });
});

function bundles(events: readonly { readonly kind: string }[]): BlockBundle[] {
  return events.flatMap((event) =>
    event.kind === "block" ? [(event as unknown as { bundle: BlockBundle }).bundle] : [],
  );
}
