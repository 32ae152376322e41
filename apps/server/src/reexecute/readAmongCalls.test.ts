// A real anvil; what is read within transactions is compared with what the contracts themselves saw, whose frames return it, also
// where they revert.
import { join } from "node:path";
import { fetchBundle } from "@testudo/chain/block/fetchBundle";
import { type Anvil, startAnvil } from "@testudo/chain/fork/startAnvil";
import { type Endpoint, openEndpoint } from "@testudo/chain/rpc/rpcEndpoint";
import { openStateReader, type StateReader } from "@testudo/chain/state/readState";
import { compile } from "@testudo/contracts/compile";
import type { BlockBundle } from "@testudo/core/model/BlockBundle";
import { type Visit, walk } from "@testudo/core/model/CallTree";
import { type FrameId, frameIdOf } from "@testudo/core/model/FrameId";
import type { Address, Hex } from "@testudo/core/model/Hex";
import type { AtCall, StateRead } from "@testudo/core/model/StateRead";
import fc from "fast-check";
import { decodeFunctionResult, encodeFunctionData, getContractAddress, parseAbi } from "viem";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readAmongTxs } from "./readAmongTxs.ts";

// A worker cannot load TypeScript: the built one is run.
const { openExecutor } = (await import(new URL("../../dist/reexecute/Executor.js", import.meta.url).href)) as {
  openExecutor: typeof import("./Executor.ts").openExecutor;
};
const executor = openExecutor({ chainId: 31_337 });
const { Walker } = compile([join(import.meta.dirname, "Walker.testkit.sol")]);
const abi = parseAbi([
  "struct Step { uint8 kind; address to; uint256 value; uint256 word; bytes input; }",
  "function walk(Step[] steps, bool fails) payable",
  "function look(address to) view returns (uint256, uint256, uint256, uint256)",
]);
const kinds = ["Call", "Static", "Delegate", "Create", "Destroy"] as const;
const slot: Hex = `0x${"0".repeat(64)}`;

let anvil: Anvil;
let node: Endpoint;
let reader: StateReader;
let from: Address;
let walkers: readonly Address[];

beforeAll(async () => {
  anvil = await startAnvil({ noMining: true, args: ["--hardfork", "prague", "--order", "fifo"] });
  // 50,000 calls take the node a while where the machine is busy.
  node = openEndpoint(anvil.url, { timeoutMs: 60_000 });
  reader = readAmongTxs(openStateReader([node]), { executor, endpoints: [node] });
  [from] = (await node.request("eth_accounts")) as [Address];
  walkers = [0n, 1n, 2n].map((nonce) => getContractAddress({ from, nonce }).toLowerCase() as Address);
  for (const _ of walkers) await send({ data: Walker!.bytecode, value: "0x64" });
  await node.request("evm_mine");
});
afterAll(async () => {
  await executor.close();
  node.close();
  await anvil.stop();
});

type Sent = { readonly to?: Address; readonly data?: Hex; readonly value?: Hex; readonly gas?: Hex };

async function send(tx: Sent): Promise<void> {
  await node.request("eth_sendTransaction", [{ from, gas: "0x200000", ...tx }]);
}

async function mined(): Promise<BlockBundle> {
  await node.request("evm_mine");
  return fetchBundle(node, BigInt((await node.request("eth_blockNumber")) as Hex), ["X", "L", "T"]);
}

interface Plan {
  readonly fails: boolean;
  readonly steps: readonly {
    readonly kind: (typeof kinds)[number];
    readonly to: number;
    readonly value: bigint;
    readonly word: bigint;
    readonly inner: Plan;
  }[];
}

// A precompiled contract that copies, an account without code, and the walkers.
const targetOf = (to: number): Address =>
  walkers[to] ?? (to === walkers.length ? `0x${"0".repeat(39)}4` : `0x${"ea".repeat(20)}`);

function inputOf({ steps, fails }: Plan, isStatic = false): Hex {
  const taken = steps.map(({ kind, to, value, word, inner }) => {
    // Whoever may not write must not fail of it either: it would not tell what it saw.
    const how = isStatic ? "Static" : kind;
    const input = inputOf(inner, how === "Static");
    return { kind: kinds.indexOf(how), to: targetOf(to), value, word: isStatic ? 0n : word, input };
  });
  return encodeFunctionData({ abi, functionName: "walk", args: [taken, fails] });
}

/** Trees of calls at most so deep. */
function planOf(depth: number): fc.Arbitrary<Plan> {
  const nothing = fc.constant<Plan>({ fails: false, steps: [] });
  const step = fc.record({
    kind: fc.constantFrom(...kinds),
    to: fc.nat(4),
    // More than some have: then the call never begins.
    value: fc.oneof({ arbitrary: fc.bigInt(0n, 9n), weight: 9 }, fc.constant(1_000n)),
    word: fc.bigInt(0n, 9n),
    inner: depth === 0 ? nothing : fc.oneof({ arbitrary: planOf(depth - 1), weight: 4 }, nothing),
  });
  const fails = fc.oneof({ arbitrary: fc.constant(false), weight: 2 }, fc.constant(true));
  return fc.record({ fails, steps: fc.array(step, { minLength: 1, maxLength: 3 }) });
}

interface Look {
  readonly at: AtCall;
  readonly context: Address;
  readonly to: Address;
  readonly seen: readonly bigint[];
}

/** What the frames of a transaction saw around the calls that they made. */
function looksIn(tx: Hex, visits: readonly Visit[]): Look[] {
  return visits.flatMap(({ frame: { output, calls }, context, order }) => {
    const words =
      output
        .slice(2)
        .match(/.{64}/g)
        ?.map((word) => BigInt(`0x${word}`)) ?? [];
    if (calls.length === 0 || words.length !== calls.length * 8) return [];
    const children = visits.filter(({ parent }) => parent?.order === order);
    return children.flatMap((child, i): Look[] => {
      const id: FrameId = frameIdOf(tx, child);
      // Of a creation it looked at somebody else.
      const to = child.frame.type.startsWith("CREATE") ? context : child.frame.to;
      const before = words.slice(i * 8, i * 8 + 4);
      const after = words.slice(i * 8 + 4, i * 8 + 8);
      return [
        { at: { beforeCall: id }, context, to, seen: before },
        { at: { afterCall: id }, context, to, seen: after },
      ].map((look) => (to === context ? { ...look, seen: [...look.seen.slice(0, 3), look.seen[2]!] } : look));
    });
  });
}

test("STREAM-09: around each call there is what its caller saw: words, balances, transient storage, also in what reverted", async () => {
  const told = { looks: 0, reverted: 0 };
  await fc.assert(
    fc.asyncProperty(fc.array(planOf(3), { minLength: 1, maxLength: 3 }), async (plans) => {
      for (const [i, one] of plans.entries()) await send({ to: walkers[i % 3]!, data: inputOf(one), value: "0x5" });
      const block = await mined();
      const looks = block.txs.flatMap(({ hash }, i) => looksIn(hash, walk(block.traces![i]!))).slice(0, 60);
      told.looks += looks.length;
      const reads = looks.flatMap(({ at, context, to }): StateRead[] => [
        { kind: "slot", at, address: context, slot },
        { kind: "balance", at, address: context },
        { kind: "balance", at, address: to },
        {
          ...{ kind: "call", at, to: context },
          data: encodeFunctionData({ abi, functionName: "look", args: [to] }),
        },
      ]);
      const answers = await reader.read(block.ref, reads);
      const found = looks.map((_, i) => {
        const [word, own, other, look] = answers.slice(i * 4, i * 4 + 4).map((answer) => {
          expect(answer).toMatchObject({ ok: true });
          expect(answer.standIn).toBeUndefined();
          return answer.ok ? answer.value : "0x";
        });
        const viewed = decodeFunctionResult({ abi, functionName: "look", data: look! });
        return [BigInt(word!), viewed[1], BigInt(own!), BigInt(other!), ...viewed];
      });
      expect(found).toEqual(looks.map(({ seen }) => [...seen, ...seen]));
      told.reverted += block
        .traces!.flatMap(walk)
        .filter((visit) => visit.reverted && visit.parent !== undefined).length;
    }),
    { numRuns: 25 },
  );
  // It has looked at something.
  expect(told.looks).toBeGreaterThan(100);
  expect(told.reverted).toBeGreaterThan(20);
});

test("STREAM-09: of a transaction of 50,000 calls 256 moments are looked at, the others at its ends, and that is told", async () => {
  const hammer: Address = `0x${"4a".repeat(20)}`;
  const many = 50_000;
  // As often as it is told it calls the contract that copies, and each time notes how often it was still to do so.
  await node.request("anvil_setCode", [hammer, "0x5f355b5f5f5f5f60045afa50805f55600190038060025700"]);
  const wordOf = (n: number): Hex => `0x${n.toString(16).padStart(64, "0")}`;
  await node.request("evm_mine");
  const hammered = async (times: number) => {
    await send({ to: hammer, data: wordOf(times), gas: "0x1c00000" });
    const block = await mined();
    return { block, visits: walk(block.traces![0]!) };
  };
  const told: string[] = [];
  const telling = readAmongTxs(openStateReader([node]), {
    ...{ executor, endpoints: [node] },
    onCallsChange: (_, why = "here again") => void told.push(why),
  });
  const ask = async ({ block, visits }: Awaited<ReturnType<typeof hammered>>, orders: readonly number[]) => {
    const [tx] = block.txs;
    const reads = orders.map((order): StateRead => {
      const at = { beforeCall: frameIdOf(tx!.hash, visits[order]!) };
      return { kind: "slot", at, address: hammer, slot };
    });
    return telling.read(block.ref, reads);
  };
  const large = await hammered(many);
  expect(large.visits).toHaveLength(many + 1);
  const orders = Array.from({ length: 300 }, (_, i) => 2 + i * 160);
  const exact = orders.map((order) => ({ ok: true, value: wordOf(many - order + 2) }));
  const standIn = { ok: true, value: wordOf(0), standIn: "beforeTx" };
  expect(await ask(large, orders)).toEqual(exact.map((answer, i) => (i < 256 ? answer : standIn)));
  // Whoever asks again has no more of it.
  expect(await ask(large, orders.slice(0, 3))).toEqual([standIn, standIn, standIn]);
  expect(told).toEqual([expect.stringContaining("more than 256 moments")]);
  const [small] = await ask(await hammered(5), [3]);
  expect(small).toEqual({ ok: true, value: wordOf(4) });
  expect(told.slice(1)).toEqual(["here again"]);
});

test("STREAM-09: a call that the node's tree shows elsewhere is not taken for another", async () => {
  const step = { kind: "Call", to: 3, value: 1n, word: 3n, inner: { fails: false, steps: [] } } as const;
  await send({ to: walkers[0]!, data: inputOf({ fails: false, steps: [step, { ...step, to: 1, word: 4n }] }) });
  const { ref, txs, traces } = await mined();
  const root = traces![0]!;
  const id = frameIdOf(txs[0]!.hash, walk(root)[2]!);
  // As a node names it that leaves calls of precompiled contracts out.
  const other = frameIdOf(txs[0]!.hash, walk({ ...root, calls: root.calls.slice(1) })[1]!);
  const reads = [id, other, { ...other, order: 9 }].map((one): StateRead => {
    return { kind: "slot", at: { beforeCall: one }, address: walkers[0]!, slot };
  });
  const [right, wrong, none] = await reader.read(ref, reads);
  expect(right).toEqual({ ok: true, value: `0x${"4".padStart(64, "0")}` });
  const before = (await reader.read(ref, [{ ...reads[0]!, at: "parent" } as StateRead]))[0]!;
  expect([wrong, none]).toEqual([before, before].map((answer) => ({ ...answer, standIn: "beforeTx" })));
});
