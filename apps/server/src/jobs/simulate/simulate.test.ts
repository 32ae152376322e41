import { fetchBlock } from "@testudo/chain/block/fetchBundle";
import { type Anvil, startAnvil } from "@testudo/chain/fork/startAnvil";
import { type Endpoint, openEndpoint } from "@testudo/chain/rpc/rpcEndpoint";
import { refusal, serveChanged, type WireCall } from "@testudo/chain/testkit/faultyNode.testkit";
import { circuitBreaker } from "@testudo/contracts";
import type { Action } from "@testudo/core/model/Action";
import type { Hex } from "@testudo/core/model/Hex";
import type { Input } from "@testudo/core/model/Input";
import type { Policy } from "@testudo/core/model/Policy";
import { encodeDeployData, encodeFunctionData, getContractAddress, toFunctionSelector } from "viem/utils";
import { afterAll, beforeAll, expect, test } from "vitest";
import { attackCallName } from "../../operator/attackCallName.ts";
import { openSimulator } from "./simulate.ts";

const target: Hex = `0x${"7a".repeat(20)}`;
const [withdraw, borrow, strange]: Hex[] = ["0x2e1a7d4d", "0xc5ebeaec", "0xdeadbeef"];
const word = (byte: string): Hex => `0x${byte.repeat(32)}`;
const hour = 3_600n;
const { abi } = circuitBreaker;

let anvil: Anvil;
let node: Endpoint;
let policy: Policy;
let timelock: Hex;
beforeAll(async () => {
  anvil = await startAnvil();
  node = openEndpoint(anvil.url);
  const accounts = (await node.request("eth_accounts")) as Hex[];
  const council = accounts[0];
  timelock = accounts[1]!;
  const breaker = getContractAddress({ from: timelock!, nonce: 0n }).toLowerCase() as Hex;
  const targets = [{ target, inlined: false, guarded: [withdraw!, borrow!], exempt: [] }];
  const programs = [{ caller: accounts[2]!, target, selector: borrow! }];
  const args = [council!, timelock!, { targets, groups: [], trippers: [], programs }] as const;
  const data = encodeDeployData({ ...circuitBreaker, args });
  await node.request("eth_sendTransactionSync", [{ from: timelock, data, gas: "0xf00000" }]);
  policy = { council, breaker, canaries: [], permissions: [] } as unknown as Policy;
});
afterAll(async () => {
  node.close();
  await anvil.stop();
});

async function head() {
  const number = BigInt((await node.request("eth_blockNumber")) as string);
  return (await fetchBlock(node, number, false)).ref;
}

async function tripUntil(until: bigint): Promise<void> {
  const why = { reason: word("01"), evidence: word("02") };
  const data = encodeFunctionData({ abi, functionName: "trip", args: [target, withdraw!, Number(until), why] });
  await node.request("eth_sendTransactionSync", [{ from: policy.council, to: policy.breaker, data, gas: "0xf0000" }]);
}

async function release(): Promise<void> {
  const why = { reason: word("01"), evidence: word("02") };
  const data = encodeFunctionData({ abi, functionName: "release", args: [target, withdraw!, why] });
  await node.request("eth_sendTransactionSync", [{ from: timelock, to: policy.breaker, data, gas: "0xf0000" }]);
}

async function tried(
  selectors: readonly Hex[],
  triggers: readonly Hex[] = [],
  more: object = {},
  endpoints: readonly Endpoint[] = [node],
): Promise<Extract<Input, { kind: "simulation" }>> {
  const ref = await head();
  const action = {
    type: "pause",
    id: word("03"),
    target,
    selectors,
    until: ref.timestamp + 6n * hour,
    reason: word("01"),
    evidence: word("02"),
    ...more,
  } as unknown as Action;
  let close = async () => {};
  const result = await new Promise<Input>((tell) => {
    const simulator = openSimulator({ endpoints, policy, head: () => ref, tell });
    close = simulator.close;
    simulator.add({ kind: "simulate", action, triggers, blocks: [] });
  });
  await close();
  if (result.kind !== "simulation") throw new Error(result.kind);
  return result;
}

test("RESP-03: a selector in the last hour of its 72 h does not fail the trial of the others", async () => {
  const { timestamp } = await head();
  await tripUntil(timestamp + 72n * hour);
  await node.request("evm_increaseTime", [Number(71n * hour)]);
  await node.request("evm_mine");
  const { passed, note } = await tried([withdraw!, borrow!]);
  expect(passed).toBe(true);
  expect(note).toContain("2 calls did as expected, 0 of the attack's own among them");
});

test("RESP-03: a selector without budget is left out of the trial, and fails it where it stands alone", async () => {
  await node.request("evm_increaseTime", [Number(60n * 24n * hour)]);
  await node.request("evm_mine");
  for (const length of [72n * hour, 12n * hour]) {
    await tripUntil((await head()).timestamp + length);
    await release();
  }
  const both = await tried([withdraw!, borrow!]);
  expect(both.calls.map(({ name, succeeded }) => [name, succeeded])).toEqual([[`pausing ${borrow}`, true]]);
  expect(both.passed).toBe(true);
  expect((await tried([withdraw!])).note).toMatch(/Breaker_BudgetSpent/);
});

/** Code that asks `breaker` whether it may run (`isClear` of its own selector), and reverts where it may not. */
function guardedCode(breaker: Hex): Hex {
  const selector = toFunctionSelector("isClear(bytes4)").slice(2);
  const ask = `63${selector}60e01b60005260003560e01c60e01b600452`;
  return `0x${ask}602060006024600073${breaker.slice(2)}5afa50600051604157600080fd5b00`;
}

/** Nodes of the same chain of which the first `liars` show contracts without state. */
async function nodesWith(liars: number, count: number) {
  const served = await Promise.all(
    Array.from({ length: count }, (_, i) =>
      serveChanged(anvil.url, (call, answer) =>
        i < liars && call.method === "eth_getStorageAt" ? { ...answer, result: `0x${"0".repeat(64)}` } : answer,
      ),
    ),
  );
  const endpoints = served.map(({ url }, i) => openEndpoint(url, { label: `node ${i}` }));
  return {
    endpoints,
    close: async () => {
      for (const endpoint of endpoints) endpoint.close();
      for (const { close } of served) await close();
    },
  };
}

test.each([
  [1, 2, "pause", true],
  [1, 3, "pause", true],
  [2, 3, "pause", false],
  [1, 2, "guardRule", false],
  [1, 3, "guardRule", true],
] as const)(
  "RESP-03: of the state of %i lying of %i nodes, the first ones, a failed trial of a %s ends with passed %s",
  async (liars, count, type, passed) => {
    const { endpoints, close } = await nodesWith(liars, count);
    const [, , program, user] = (await node.request("eth_accounts")) as Hex[];
    const rule = { target, selector: borrow, kind: "DENY", argIndex: 0, bound: 0n };
    const isRule = type === "guardRule";
    const more = isRule ? { type, rule, program, breaker: policy.breaker } : {};
    // Asks the breaker whether it may run, and stops where it may not.
    await node.request("anvil_setCode", [target, guardedCode(policy.breaker)]);
    const call = { from: user, to: target, data: borrow, gas: "0xf0000" };
    const { transactionHash } = (await node.request("eth_sendTransactionSync", [call])) as { transactionHash: Hex };
    try {
      const result = await tried([borrow!], [transactionHash], more, endpoints);
      expect(result.passed, result.note).toBe(passed);
      if (passed) expect(result.note).toMatch(/; on the state that node 0 gives it failed: /);
      else expect(result.note).toContain("Breaker_");
    } finally {
      await close();
      await node.request("anvil_setCode", [target, "0x"]);
    }
  },
);

test.each([null, "0x", "0xzz", 7])(
  "RESP-03: how far a pause reaches is asked of the next node where one answers %j",
  async (result) => {
    const reach = toFunctionSelector("reach(address,bytes4)");
    const isOfReach = ({ method, params }: WireCall) =>
      method === "eth_call" && (params[0] as { data?: string }).data?.startsWith(reach) === true;
    const served = await serveChanged(anvil.url, (call, answer) => (isOfReach(call) ? { ...answer, result } : answer));
    const liar = openEndpoint(served.url, { label: "liar" });
    try {
      expect(await tried([borrow!], [], {}, [liar, node])).toMatchObject({ passed: true });
    } finally {
      liar.close();
      await served.close();
    }
  },
);

test("RESP-03: what fails on one node's state is tried on that of others, though they have no state of the attack's block any more", async () => {
  const user = ((await node.request("eth_accounts")) as Hex[])[3];
  await node.request("anvil_setCode", [target, guardedCode(policy.breaker)]);
  const call = { from: user, to: target, data: borrow, gas: "0xf0000" };
  const sent = (await node.request("eth_sendTransactionSync", [call])) as { transactionHash: Hex; blockNumber: Hex };
  await node.request("evm_mine");
  const parent = `0x${(BigInt(sent.blockNumber) - 1n).toString(16)}`;
  const isOfPast = ({ method, params }: WireCall) =>
    /^eth_get(Balance|Code|StorageAt|TransactionCount|Proof|Account)/.test(method) && params.at(-1) === parent;
  const lying = await serveChanged(anvil.url, (asked, answer) =>
    asked.method === "eth_getStorageAt" ? { ...answer, result: word("00") } : answer,
  );
  const pruned = await serveChanged(anvil.url, (asked, answer) =>
    isOfPast(asked) ? refusal(asked, -32_000, "missing trie node") : answer,
  );
  const endpoints = [lying, pruned].map(({ url }, i) => openEndpoint(url, { label: `node ${i}` }));
  try {
    const result = await tried([borrow!], [sent.transactionHash], {}, endpoints);
    expect(result.passed, result.note).toBe(true);
    expect(result.note).toMatch(/could not be played again.*; on the state that node 0 gives it failed: /);
  } finally {
    for (const endpoint of endpoints) endpoint.close();
    for (const { close } of [lying, pruned]) await close();
    await node.request("anvil_setCode", [target, "0x"]);
  }
});

test("RESP-03: of hundreds of transactions that findings of one block name, those are played that call what is paused", async () => {
  const user = ((await node.request("eth_accounts")) as Hex[])[4];
  await node.request("anvil_setCode", [target, guardedCode(policy.breaker)]);
  await node.request("evm_setAutomine", [false]);
  const hashes: Hex[] = [];
  const decoy = (i: number) => `0x${(0xdec0_0000 + i).toString(16).padStart(40, "0")}`;
  for (let i = 0; i < 150; i += 1)
    hashes.push((await node.request("eth_sendTransaction", [{ from: user, to: decoy(i), value: "0x1" }])) as Hex);
  const attack = { from: user, to: target, data: borrow, gas: "0xf0000" };
  hashes.push((await node.request("eth_sendTransaction", [attack])) as Hex);
  await node.request("evm_mine");
  await node.request("evm_setAutomine", [true]);
  let read = 0;
  const counting = await serveChanged(anvil.url, (asked, answer) => {
    if (JSON.stringify(asked).includes("dec00")) read += 1;
    return answer;
  });
  const endpoint = openEndpoint(counting.url);
  try {
    const result = await tried([borrow!], hashes, {}, [endpoint]);
    expect(result.passed, result.note).toBe(true);
    expect(result.calls.filter(({ name }) => name === attackCallName)).toHaveLength(1);
    // Each that is played has its parties read from the node.
    expect(read).toBeLessThan(150);
  } finally {
    endpoint.close();
    await counting.close();
    await node.request("anvil_setCode", [target, "0x"]);
  }
}, 120_000);

test("error: a selector that the breaker does not know fails the trial", async () => {
  const { passed, note } = await tried([strange!, borrow!]);
  expect(passed).toBe(false);
  expect(note).toMatch(/^pausing 0xdeadbeef: succeeds was expected, execution reverted: Breaker_Unknown/);
});

test("RESP-03: a contract that was made and took nothing does not fail the trial, as a call past the paused functions does", async () => {
  const from = ((await node.request("eth_accounts")) as Hex[])[2];
  const send = async (transaction: object) => {
    const receipt = await node.request("eth_sendTransactionSync", [{ from, gas: "0xf0000", ...transaction }]);
    return (receipt as { transactionHash: Hex }).transactionHash;
  };
  const made = await send({ data: "0x600160005560006000f3" });
  expect(await tried([borrow!], [made])).toMatchObject({
    passed: true,
    note: expect.stringContaining("what the findings name could not be played again"),
  });
  const past = await send({ to: target, data: strange });
  expect(await tried([borrow!], [past])).toMatchObject({
    passed: false,
    note: `the attack goes on in spite of it: ${past} calls no paused function`,
  });
});

test("LAB-22: a rule of which nothing shows that it stops the attack fails its trial, where a pause is shown to people", async () => {
  const [, , program] = (await node.request("eth_accounts")) as Hex[];
  const rule = { target, selector: borrow, kind: "DENY", argIndex: 0, bound: 0n };
  const ruled = await tried([borrow!], [], { type: "guardRule", rule, program, breaker: policy.breaker });
  expect(ruled.calls.map(({ name, succeeded }) => [name, succeeded])).toEqual([[`ruling ${borrow}`, true]]);
  expect(ruled).toMatchObject({
    passed: false,
    note: expect.stringMatching(/^nothing shows that the rule stops anything/),
  });
  expect((await tried([borrow!])).passed).toBe(true);
});
