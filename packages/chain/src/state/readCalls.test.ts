import type { BlockRef } from "@testudo/core/model/BlockBundle";
import type { Address, Hex } from "@testudo/core/model/Hex";
import type { StateAnswer, StateRead } from "@testudo/core/model/StateRead";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fetchBlock } from "../block/fetchBundle.ts";
import { type Anvil, startAnvil } from "../fork/startAnvil.ts";
import { type Endpoint, openEndpoint } from "../rpc/rpcEndpoint.ts";
import { sleep } from "../rpc/sleep.ts";
import { refusal, serveChanged, type WireCall } from "../testkit/faultyNode.testkit.ts";
import { randomContract } from "../testkit/randomContract.testkit.ts";
import { maxTogether } from "./readCalls.ts";
import { openStateReader } from "./readState.ts";

const at = (n: number): Address => `0x${n.toString(16).padStart(2, "0").repeat(20)}`;
const zero: Address = `0x${"0".repeat(40)}`;
const identity: Address = `0x${"0".repeat(39)}4`;

const tells = {
  sender: { address: at(0xa1), code: "33600052326020523660405260606000f3" },
  counter: { address: at(0xa2), code: "60005460010180600055600052602060 00f3" },
  echo: { address: at(0xa3), code: "3660006000373660 00f3" },
  longest: { address: at(0xa4), code: "6001600052610400 6000f3" },
  // Sends its call data to the address that the calls come from, and tells what came of it.
  callsBack: { address: at(0xa5), code: "36600060003760 0060003660006000 60005a f1 600052 3d602052 60406000f3" },
} as const;
/** Calls what takes 2.6 million of gas, and tells whether that failed as if nothing had been. */
const forgiving = { address: at(0xb5), code: `60006000600060006000 73${"b6".repeat(20)} 5a f1 600052 60206000f3` };
const costly = { address: at(0xb6), code: "620186a0 5b 6001 90 03 80 6004 57 00" };
const fails = {
  tooLong: { address: at(0xb1), code: "6104016000f3" },
  reverts: { address: at(0xb2), code: "63deadbeef60e01b60005260046000fd" },
  burns: { address: at(0xb3), code: "fe" },
  loops: { address: at(0xb4), code: "5b600056" },
} as const;
const placed = [...Object.values(tells), ...Object.values(fails), forgiving, costly];

let anvil: Anvil;
let node: Endpoint;
let first: BlockRef;
let second: BlockRef;
let third: BlockRef;
let fourth: BlockRef;
let fifth: BlockRef;

beforeAll(async () => {
  anvil = await startAnvil({ noMining: true });
  node = openEndpoint(anvil.url);
  for (const { address, code } of placed)
    await node.request("anvil_setCode", [address, `0x${code.replaceAll(" ", "")}`]);
  for (let n = 0; n < 5; n++) await node.request("evm_mine");
  const refs = await Promise.all([1n, 2n, 3n, 4n, 5n].map(async (n) => (await fetchBlock(node, n, false)).ref));
  [first, second, third, fourth, fifth] = refs as [BlockRef, BlockRef, BlockRef, BlockRef, BlockRef];
});
afterAll(async () => {
  node.close();
  await anvil.stop();
});

const call = (to: Address, data: Hex = "0x"): StateRead => ({ kind: "call", at: "block", to, data });

/** Each of `reads` in a question of its own, to a reader that knows nothing. */
async function aloneAt(ref: BlockRef, reads: readonly StateRead[]): Promise<StateAnswer[]> {
  const answers: StateAnswer[] = [];
  for (const read of reads) answers.push(...(await openStateReader([node]).read(ref, [read])));
  return answers;
}

async function listening(change?: (asked: WireCall) => { code: number; message: string } | undefined) {
  const asked: WireCall[] = [];
  const proxy = await serveChanged(anvil.url, (wire, answer) => {
    asked.push(wire);
    const told = change?.(wire);
    return told === undefined ? answer : refusal(wire, told.code, told.message);
  });
  const endpoint = openEndpoint(proxy.url);
  const close = async () => {
    endpoint.close();
    await proxy.close();
  };
  return { asked, endpoint, seen: proxy.seen, close };
}

describe("calls at one block", () => {
  test("STREAM-09: go as one, and are what each is by itself", async () => {
    const reads = [
      ...Object.values(tells).map(({ address }) => call(address)),
      call(tells.echo.address, "0x010203"),
      // Twice the same, which each count up from what is stored.
      call(tells.counter.address, "0x01"),
      call(tells.callsBack.address, `0x${"ff".repeat(40)}`),
      call(at(0xc0), "0x70a08231"),
      call(identity, "0xaabbcc"),
      call(zero, "0x01"),
    ];
    const { asked, endpoint, seen, close } = await listening();
    const together = await openStateReader([endpoint]).read(second, reads);
    expect(asked.map(({ method }) => method)).toEqual(["eth_call"]);
    expect(together).toEqual(await aloneAt(second, reads));
    expect(together.every(({ ok }) => ok)).toBe(true);
    expect(together[1]).toEqual({ ok: true, value: `0x${"1".padStart(64, "0")}` });
    expect(seen.requests).toBe(1);
    await close();
  });

  test("STREAM-09: one that fails, loops or tells more than 1,024 bytes is asked for by itself, and so from then on", async () => {
    const reads = [...Object.values(fails), ...Object.values(tells)].map(({ address }) => call(address));
    const { asked, endpoint, seen, close } = await listening();
    const reader = openStateReader([endpoint]);
    const failing = Object.keys(fails).length;
    expect(await reader.read(first, reads)).toEqual(await aloneAt(first, reads));
    expect(seen.requests).toBe(2);
    expect(asked).toHaveLength(1 + failing);
    expect(await reader.read(second, reads)).toEqual(await aloneAt(second, reads));
    expect(seen.requests).toBe(3);
    expect(asked).toHaveLength(2 * (1 + failing));
    await close();
  });

  test("STREAM-09: contracts that burn all the gas of a call keep nothing else from being read, however many they are", async () => {
    const burners = Array.from({ length: 60 }, (_, i) => at(0x10 + i));
    for (const address of burners) await node.request("anvil_setCode", [address, "0x5b600056"]);
    const isBurner = ({ method, params: [asked] }: WireCall) =>
      method === "eth_call" && burners.includes((asked as { to: Address }).to);
    let busy: Promise<unknown> = Promise.resolve();
    // As a node of mainnet, which runs one after the other and gives each more gas than this one does.
    const slow = await serveChanged(anvil.url, async (wire, answer) => {
      if (!isBurner(wire)) return answer;
      busy = busy.then(() => sleep(200));
      await busy;
      return answer;
    });
    const endpoint = openEndpoint(slow.url, { timeoutMs: 4_000 });
    const reader = openStateReader([endpoint]);
    for (let i = 0; i < 3; i += 1) {
      await node.request("evm_mine");
      const { ref } = await fetchBlock(node, BigInt((await node.request("eth_blockNumber")) as Hex), false);
      const startMs = performance.now();
      const [balance, told, ...burnt] = await reader.read(ref, [
        { kind: "balance", at: "block", address: at(0xc0) },
        call(tells.longest.address),
        ...burners.map((address) => call(address)),
      ]);
      expect([balance!.ok, told!.ok]).toEqual([true, true]);
      expect(burnt.some(({ ok }) => ok)).toBe(false);
      // No more than is waited for a request of them, and for each by itself.
      expect(performance.now() - startMs).toBeLessThan(7_000);
      await busy;
    }
    endpoint.close();
    await slow.close();
  });

  test("STREAM-09: a call that a node refuses by itself, in whatever words, takes no other answer with it", async () => {
    const burns = at(0x10);
    await node.request("anvil_setCode", [burns, "0x5b600056"]);
    const isOfIt = ({ method, params: [asked] }: WireCall) =>
      method === "eth_call" && (asked as { to: Address }).to === burns;
    const proxy = await serveChanged(anvil.url, (wire, answer) =>
      isOfIt(wire) ? refusal(wire, -32_000, "execution aborted (timeout = 1s)") : answer,
    );
    const endpoint = openEndpoint(proxy.url);
    const reader = openStateReader([endpoint]);
    for (let i = 0; i < 2; i += 1) {
      await node.request("evm_mine");
      const { ref } = await fetchBlock(node, BigInt((await node.request("eth_blockNumber")) as Hex), false);
      const [balance, told, long, burnt] = await reader.read(ref, [
        { kind: "balance", at: "block", address: at(0xc0) },
        call(tells.longest.address),
        call(fails.tooLong.address),
        call(burns),
      ]);
      expect([balance!.ok, told!.ok, long!.ok]).toEqual([true, true, true]);
      expect(burnt).toEqual({ ok: false, error: expect.stringContaining("unavailable: ") });
    }
    endpoint.close();
    await proxy.close();
  });

  test("STREAM-09: what takes a node long, and has told something before, is not kept waiting by what takes it too long", async () => {
    const burners = Array.from({ length: 12 }, (_, i) => at(0x10 + i));
    for (const address of burners) await node.request("anvil_setCode", [address, "0x5b600056"]);
    const isOf =
      (...asked: Address[]) =>
      ({ method, params: [one] }: WireCall) =>
        method === "eth_call" && asked.includes((one as { to: Address }).to);
    const long = call(fails.tooLong.address);
    const slow = await serveChanged(anvil.url, async (wire, answer) => {
      if (isOf(fails.tooLong.address)(wire)) await sleep(200);
      if (isOf(...burners)(wire)) await sleep(2_500);
      return answer;
    });
    const endpoint = openEndpoint(slow.url, { timeoutMs: 4_000 });
    const reader = openStateReader([endpoint]);
    const told: boolean[] = [];
    for (let i = 0; i < 4; i += 1) {
      await node.request("evm_mine");
      const { ref } = await fetchBlock(node, BigInt((await node.request("eth_blockNumber")) as Hex), false);
      const strangers = i === 0 ? [] : burners.map((address) => call(address));
      told.push((await reader.read(ref, [...strangers, call(tells.longest.address), long])).at(-1)!.ok);
    }
    expect(told).toEqual([true, true, true, true]);
    endpoint.close();
    await slow.close();
  });

  test("STREAM-09: contracts that are quick in one block and burn all their gas in the next have nobody wait for a node's own time", async () => {
    const burners = Array.from({ length: 12 }, (_, i) => at(0x10 + i));
    for (const address of burners) await node.request("anvil_setCode", [address, "0x5b600056"]);
    const isBurner = ({ method, params: [asked] }: WireCall) =>
      method === "eth_call" && burners.includes((asked as { to: Address }).to);
    let isBurning = false;
    const slow = await serveChanged(anvil.url, async (wire, answer) => {
      if (!isBurner(wire)) return answer;
      if (isBurning) await sleep(9_000);
      return refusal(wire, 3, "execution reverted");
    });
    const endpoint = openEndpoint(slow.url);
    const reader = openStateReader([endpoint]);
    for (isBurning of [false, true]) {
      await node.request("evm_mine");
      const { ref } = await fetchBlock(node, BigInt((await node.request("eth_blockNumber")) as Hex), false);
      const startMs = performance.now();
      const [told] = await reader.read(ref, [call(tells.longest.address), ...burners.map((address) => call(address))]);
      expect(told!.ok).toBe(true);
      // No more than is waited for a request of them, and for each by itself.
      expect(performance.now() - startMs).toBeLessThan(7_000);
    }
    endpoint.close();
    await slow.close();
  });

  test("STREAM-09: what costs all its gas takes it from no other", async () => {
    const loops = Array.from({ length: maxTogether - 1 }, (_, i) => call(fails.loops.address, `0x${"00".repeat(i)}`));
    const reads = [...loops, call(tells.longest.address)];
    const { asked, endpoint, close } = await listening();
    const answers = await openStateReader([endpoint]).read(second, reads);
    expect(answers.map(({ ok }) => ok)).toEqual([...loops.map(() => false), true]);
    expect(asked).toHaveLength(1 + loops.length);
    await close();
  });

  test("STREAM-09: one that forgives what it had no gas for tells what it tells by itself", async () => {
    const reads = [...Array(maxTogether - 1).keys()].map((i) => call(tells.echo.address, `0x${"01".repeat(i)}`));
    const answers = await openStateReader([node]).read(second, [call(forgiving.address), ...reads]);
    expect(answers[0]).toEqual({ ok: true, value: `0x${"1".padStart(64, "0")}` });
    expect(answers).toEqual(await aloneAt(second, [call(forgiving.address), ...reads]));
  });

  test("STREAM-09: long call data is sent by itself, and takes no gas from the others", async () => {
    const long = [...Array(maxTogether - 1).keys()].map((i) =>
      call(tells.echo.address, `0x${"ff".repeat(30_000 + i)}`),
    );
    const { asked, endpoint, close } = await listening();
    const reads = [call(forgiving.address), call(tells.sender.address), ...long];
    expect(await openStateReader([endpoint]).read(second, reads)).toEqual(await aloneAt(second, reads));
    // One of two, of which one told nothing, and each of the others.
    expect(asked).toHaveLength(2 + long.length);
    await close();
  });

  test("error: a call that is not well formed is left to the node to refuse", async () => {
    const good = call(tells.echo.address, "0x01");
    for (const bad of [call(tells.echo.address, "0x012"), call("0x"), call(`0x${"a3".repeat(19)}`)]) {
      const alone = openStateReader([node]).read(second, [bad]);
      await expect(alone).rejects.toThrow();
      await expect(openStateReader([node]).read(second, [good, bad])).rejects.toThrow(
        await alone.catch((error: Error) => error.message),
      );
    }
  });

  test("STREAM-09: are made together in groups, each with enough gas", async () => {
    const reads = Array.from({ length: 3 * maxTogether }, (_, i) => call(tells.echo.address, `0x${"07".repeat(i)}`));
    const { asked, endpoint, close } = await listening();
    expect(await openStateReader([endpoint]).read(second, reads)).toEqual(
      reads.map((read) => ({ ok: true, value: (read as { data: Hex }).data })),
    );
    expect(asked).toHaveLength(3);
    await close();
  });

  test("STREAM-09: to contracts made at random are what each is by itself", async () => {
    const [from] = (await node.request("eth_accounts")) as Hex[];
    const known: Hex[] = [from!, identity, tells.counter.address, tells.callsBack.address];
    for (let seed = 1; seed <= 60; seed++) {
      const hash = await node.request("eth_sendTransaction", [
        { from, gas: "0xf4240", data: randomContract(seed, known), value: "0x64" },
      ]);
      await node.request("evm_mine");
      const receipt = (await node.request("eth_getTransactionReceipt", [hash])) as {
        readonly status: Hex;
        readonly contractAddress: Hex;
      };
      if (receipt.status === "0x1") known.push(receipt.contractAddress.toLowerCase() as Hex);
    }
    expect(known.length).toBeGreaterThan(30);
    const head = (await fetchBlock(node, BigInt((await node.request("eth_blockNumber")) as Hex), false)).ref;
    const reads = known.map((to, i) => call(to, `0x${"a9059cbb".slice(0, 2 * (i % 5))}`));
    const answers = await openStateReader([node]).read(head, reads);
    expect(answers).toEqual(await aloneAt(head, reads));
    expect(answers.filter(({ ok }) => ok).length).toBeGreaterThan(10);
    expect(answers.filter(({ ok }) => !ok).length).toBeGreaterThan(3);
  });

  test("STREAM-09: a node that does not replace code is asked for one at a time, and words of storage still go together", async () => {
    const reads = [call(tells.sender.address), call(tells.echo.address)];
    const slots = [0, 1].map(
      (slot): StateRead => ({ kind: "slot", at: "block", address: tells.counter.address, slot: `0x${slot}` }),
    );
    const { asked, endpoint, close } = await listening(({ params }) =>
      params.length === 3 && Object.keys(params[2] as object).includes(zero)
        ? { code: -32000, message: "sender is not an EOA" }
        : undefined,
    );
    const reader = openStateReader([endpoint]);
    expect(await reader.read(first, [...reads, ...slots])).toEqual(await aloneAt(first, [...reads, ...slots]));
    expect(asked).toHaveLength(4);
    // It may have been busy: it is tried three times.
    for (const [count, ref] of [second, third, fourth, fifth].entries()) {
      asked.length = 0;
      await reader.read(ref, [...reads, ...slots]);
      expect(asked).toHaveLength(count < 2 ? 4 : 3);
    }
    await close();
  });

  test("STREAM-09: a node that is busy now and then is asked for many together again", async () => {
    let isBusy = false;
    const { asked, endpoint, close } = await listening(({ params }) =>
      isBusy && params.length === 3 ? { code: -32005, message: "limit exceeded" } : undefined,
    );
    const reader = openStateReader([endpoint]);
    for (const ref of [first, second, third, fourth, fifth]) {
      const reads = [call(tells.echo.address), call(tells.sender.address)];
      isBusy = !isBusy;
      asked.length = 0;
      expect(await reader.read(ref, reads)).toEqual(await aloneAt(ref, reads));
      expect(asked).toHaveLength(isBusy ? 3 : 1);
    }
    await close();
  });

  test("STREAM-09: a node that does not know requireCanonical is not taken for one that does not replace code", async () => {
    const reads = [call(tells.sender.address), call(tells.echo.address)];
    const { asked, endpoint, close } = await listening(({ params }) =>
      "requireCanonical" in (params[1] as object) ? { code: -32602, message: "unknown field" } : undefined,
    );
    const reader = openStateReader([endpoint]);
    expect(await reader.read(first, reads)).toEqual(await aloneAt(first, reads));
    asked.length = 0;
    expect(await reader.read(second, reads)).toEqual(await aloneAt(second, reads));
    expect(asked).toHaveLength(1);
    await close();
  });
});
