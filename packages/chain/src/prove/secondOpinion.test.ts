// What one node of several can make of state that is read at a block they agree on.
import type { BlockRef } from "@testudo/core/model/BlockBundle";
import type { StreamTrouble } from "@testudo/core/model/ChainEvent";
import type { Address, Hex } from "@testudo/core/model/Hex";
import type { StateRead } from "@testudo/core/model/StateRead";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { fetchBlock } from "../block/fetchBundle.ts";
import { type Anvil, startAnvil } from "../fork/startAnvil.ts";
import type { Member } from "../nodes/EndpointPool.ts";
import { makeTroubleBook } from "../nodes/TroubleBook.ts";
import { type Endpoint, openEndpoint } from "../rpc/rpcEndpoint.ts";
import { sleep } from "../rpc/sleep.ts";
import { openStateReader } from "../state/readState.ts";
import { describe as tell } from "../testkit/collect.testkit.ts";
import {
  type FaultyNode,
  refusal,
  serveChanged,
  type WireAnswer,
  type WireCall,
} from "../testkit/faultyNode.testkit.ts";
import { makeSecondOpinion } from "./SecondOpinion.ts";

const vault: Address = `0x${"0d".repeat(20)}`;
const word = (value: bigint): Hex => `0x${value.toString(16).padStart(64, "0")}`;
let anvil: Anvil;
let node: Endpoint;
let ref: BlockRef;

beforeAll(async () => {
  anvil = await startAnvil({ noMining: true });
  node = openEndpoint(anvil.url);
  // Returns seven.
  await node.request("anvil_setCode", [vault, "0x600760005260206000f3"]);
  await node.request("anvil_setBalance", [vault, "0x9"]);
  await node.request("evm_mine");
  ({ ref } = await fetchBlock(node, 1n, false));
});
afterAll(async () => {
  node.close();
  await anvil.stop();
});
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const reads: readonly StateRead[] = [
  { kind: "call", at: "block", to: vault, data: "0x12345678" },
  { kind: "balance", at: "block", address: vault },
];
const truth = [7n, 9n].map((value) => ({ ok: true, value: word(value) }));

type Change = (call: WireCall, answer: WireAnswer) => WireAnswer | Promise<WireAnswer>;
const honest: Change = (_, answer) => answer;
const isOfState = ({ method }: WireCall) => method !== "eth_blockNumber";
const hanging: Change = () => new Promise(() => {});
/** Says that there is nothing, alone or among others. */
const hiding: Change = (call, answer) =>
  isOfState(call) && typeof answer.result === "string"
    ? { ...answer, result: answer.result.replace(/[79]/g, "0") }
    : answer;

/** A reader over nodes that answer what `changes` make of the truth, in their order. Block 1 and later are live, or none. */
async function open(changes: Record<string, Change>, { isLive = true } = {}) {
  const nodes = new Map<string, FaultyNode>();
  const members: Member[] = [];
  for (const label of Object.keys(changes)) {
    const served = await serveChanged(anvil.url, (call, answer) => changes[label]!(call, answer));
    const endpoint = openEndpoint(served.url, { label });
    closers.push(served.close, endpoint.close);
    nodes.set(label, served);
    members.push({ endpoint, hasLied: false } as Member);
  }
  const troubles: StreamTrouble[] = [];
  const pool = { members, candidates: () => [...members].sort((a, b) => Number(a.hasLied) - Number(b.hasLied)) };
  const book = makeTroubleBook(
    (trouble) => troubles.push(trouble),
    () => false,
  );
  const second = makeSecondOpinion({ pool, troubles: book, isLive: () => isLive });
  const endpoints = members.map(({ endpoint }) => endpoint);
  // Each time anew: what was answered once is kept.
  const read = () => openStateReader(endpoints, { second }).read(ref, reads);
  const reader = openStateReader(endpoints, { second });
  return { nodes, members, troubles, read, reader, told: () => troubles.map(tell) };
}

test("STREAM-19: of three nodes one that tells other state is outvoted, told, and asked last from then on", async () => {
  for (const labels of [
    ["liar", "one", "two"],
    ["one", "liar", "two"],
  ]) {
    const changes = Object.fromEntries(labels.map((label) => [label, label === "liar" ? hiding : honest]));
    const { read, told, troubles, nodes } = await open(changes);
    expect(await read()).toEqual(truth);
    expect(told()).toEqual(["endpoint-disagrees of liar"]);
    expect(troubles[0]).toMatchObject({
      freeze: false,
      message: expect.stringMatching(
        `^Node liar tells other state of block 1 than two others: call 0x12345678 of ${vault}\\.\\n`,
      ),
    });
    const before = nodes.get("liar")!.seen.requests;
    expect(await read()).toEqual(truth);
    expect(nodes.get("liar")!.seen.requests).toBe(before);
  }
});

test("STREAM-19: two nodes that tell different state are told, what the first says is taken, and that they agree again is told", async () => {
  const changes = { one: honest, two: hiding };
  const { read, told, troubles } = await open(changes);
  expect(await read()).toEqual(truth);
  expect(await read()).toEqual(truth);
  expect(told()).toEqual(["endpoint-disagrees of state"]);
  expect(troubles[0]!.message).toBe(
    `Nodes one and two tell different state of block 1 (call 0x12345678 of ${vault}), and no third can be asked: what is read is the word of one.`,
  );
  changes.two = honest;
  expect(await read()).toEqual(truth);
  expect(told()).toEqual(["endpoint-disagrees of state", "recovered of state"]);
});

test("STREAM-19: a third node that tells less of many questions at once bears out the truth all the same", async () => {
  const isJoined = ({ method, params }: WireCall) => method === "eth_call" && params.length > 2;
  const poor: Change = (call, answer) => (isJoined(call) ? hiding(call, answer) : answer);
  const { read, told } = await open({ liar: hiding, one: honest, poor });
  expect(await read()).toEqual(truth);
  expect(told()).toEqual(["endpoint-disagrees of liar"]);
});

test("STREAM-19: a node that tells less of many questions at once, or reverts in other words, is not of another opinion", async () => {
  // Several calls go as one to code that is put in the place of another's.
  const isJoined = ({ method, params }: WireCall) => method === "eth_call" && params.length > 2;
  const poor: Change = (call, answer) => (isJoined(call) ? hiding(call, answer) : answer);
  const wordy: Change = (call, answer) =>
    call.method === "eth_call" ? refusal(call, 3, "execution reverted: in its own words") : answer;
  const terse: Change = (call, answer) => (call.method === "eth_call" ? refusal(call, 3, "revert") : answer);
  const one = await open({ rich: honest, poor });
  expect(await one.read()).toEqual(truth);
  const two = await open({ wordy, terse });
  expect(await two.read()).toEqual([{ ok: false, error: "execution reverted: in its own words" }, truth[1]]);
  expect([...one.told(), ...two.told()]).toEqual([]);
});

test("STREAM-19: who hangs, refuses or is away gives no opinion, and holds nobody up but for a second, once", async () => {
  const refusing: Change = (call) => refusal(call, -32_005, "limit exceeded");
  for (const changes of [
    { one: honest, two: hanging },
    { one: hanging, two: honest },
    { one: honest, two: refusing },
    { one: refusing, two: honest },
  ]) {
    const { read, told } = await open(changes);
    const isHanging = Object.values(changes).includes(hanging);
    expect(await read()).toEqual(truth);
    const start = performance.now();
    expect(await read()).toEqual(truth);
    if (isHanging) expect(performance.now() - start).toBeLessThan(900);
    expect(told()).toEqual([]);
  }
  const { read, nodes } = await open({ one: honest, two: honest });
  nodes.get("one")!.isAway = true;
  expect(await read()).toEqual(truth);
});

test("STREAM-19: of history, and where only one node is, nobody else is asked", async () => {
  const past = await open({ one: honest, two: hiding }, { isLive: false });
  expect(await past.read()).toEqual(truth);
  const alone = await open({ only: hiding });
  expect(await alone.read()).toEqual([0n, 0n].map((value) => ({ ok: true, value: word(value) })));
  expect(past.nodes.get("two")!.seen.requests).toBe(0);
  expect([...past.told(), ...alone.told()]).toEqual([]);
});

/** Another answer of its own. */
const saying =
  (digit: string): Change =>
  (call, answer) =>
    isOfState(call) && typeof answer.result === "string"
      ? { ...answer, result: answer.result.replace(/[79]/g, digit) }
      : answer;

test("STREAM-19: three nodes that each tell something else are told", async () => {
  const { read, troubles, members } = await open({ liar: hiding, one: honest, two: saying("3") });
  await read();
  expect(troubles.map(({ message }) => message)).toEqual([
    `Nodes liar, one and two tell different state of block 1 (call 0x12345678 of ${vault}): what is read is the word of liar.`,
  ]);
  expect(members.some(({ hasLied }) => hasLied)).toBe(false);
});

test("STREAM-19: what the third says among other questions is not held against what the others say alone", async () => {
  // Code stands at its caller where several calls go as one: a contract may tell.
  const isJoined = ({ method, params }: WireCall) => method === "eth_call" && params.length > 2;
  const joining: Change = (call, answer) => (isJoined(call) ? saying("3")(call, answer) : answer);
  const { members, troubles } = await open({ liar: hiding, one: honest, two: joining });
  const second = makeSecondOpinion({
    pool: { members, candidates: () => members },
    troubles: makeTroubleBook(
      (trouble) => troubles.push(trouble),
      () => false,
    ),
    isLive: () => true,
  });
  const calls = [1, 2].map((k): StateRead => ({ kind: "call", at: "block", to: vault, data: word(BigInt(k)) }));
  const reader = openStateReader(
    members.map(({ endpoint }) => endpoint),
    { second },
  );
  expect(await reader.read(ref, calls)).toEqual([truth[0], truth[0]]);
  expect(troubles.map(tell)).toEqual(["endpoint-disagrees of liar"]);
});

test("STREAM-19: an honest node that was outvoted once still decides between two that differ", async () => {
  const { read, members, told } = await open({ liar: hiding, one: honest, two: honest });
  // A stranger's contract that answers each node otherwise is enough for it.
  members[2]!.hasLied = true;
  expect(await read()).toEqual(truth);
  expect(told()).toEqual(["endpoint-disagrees of liar"]);
});

test("STREAM-19: whoever is left when all others were outvoted is not the only word", async () => {
  const { read, members, told } = await open({ one: honest, two: honest, liar: hiding });
  for (const member of members.slice(0, 2)) member.hasLied = true;
  expect(await read()).toEqual(truth);
  expect(told()).toEqual(["endpoint-disagrees of liar"]);
});

test("STREAM-19: where the second of three nodes hangs, the third is heard before the first is believed", async () => {
  const { read, told } = await open({ liar: hiding, one: hanging, two: honest });
  await read();
  expect(told()).toEqual(["endpoint-disagrees of state"]);
});

test("STREAM-19: who answers at once while honest nodes are at a call that takes them long has not the only word about the rest", async () => {
  const burner: Address = `0x${"0b".repeat(20)}`;
  await node.request("anvil_setCode", [burner, "0x5b600056"]);
  await node.request("evm_mine");
  const { ref: later } = await fetchBlock(node, BigInt((await node.request("eth_blockNumber")) as Hex), false);
  const isOfBurner = ({ method, params: [asked] }: WireCall) =>
    method === "eth_call" && (asked as { to: Address }).to === burner;
  const slow: Change = async (call, answer) => {
    if (isOfBurner(call)) await sleep(1_500);
    return answer;
  };
  const { members, troubles } = await open({ liar: hiding, one: slow, two: slow });
  const second = makeSecondOpinion({
    pool: { members, candidates: () => [...members].sort((a, b) => Number(a.hasLied) - Number(b.hasLied)) },
    troubles: makeTroubleBook(
      (trouble) => troubles.push(trouble),
      () => false,
    ),
    isLive: () => true,
  });
  const endpoints = members.map(({ endpoint }) => endpoint);
  for (let i = 0; i < 2; i += 1) {
    const call: StateRead = { kind: "call", at: "block", to: burner, data: word(BigInt(i)) };
    const [burnt, ...rest] = await openStateReader(endpoints, { second }).read(later, [call, ...reads]);
    expect([burnt!.ok, rest]).toEqual([false, truth]);
  }
  expect(troubles.map(tell)).toEqual(["endpoint-disagrees of liar"]);
});

test("STREAM-19: what a node says too late, or while it is not waited for, is told where it is something else", async () => {
  const slow =
    (ms: number): Change =>
    async (call, answer) => {
      if (isOfState(call)) await sleep(ms);
      return answer;
    };
  const changes = { liar: hiding, one: slow(1_300), two: slow(1_300) };
  const { read, told } = await open(changes);
  await read();
  await expect.poll(told, { timeout: 4_000 }).toEqual(["endpoint-disagrees of liar"]);

  const pair = { one: honest, two: slow(1_300) as Change };
  const two = await open(pair);
  await two.read();
  await sleep(500);
  pair.one = hiding;
  pair.two = honest;
  await two.read();
  await expect.poll(two.told, { timeout: 4_000 }).toEqual(["endpoint-disagrees of state"]);
});

test("STREAM-09, STREAM-19: one node that tells nothing of calls made together, and hangs over each, has them not asked one by one of others", async () => {
  const others = Array.from({ length: 60 }, (_, i): StateRead => {
    return { kind: "call", at: "block", to: vault, data: `0x${(i + 1).toString(16).padStart(8, "0")}` };
  });
  let isHanging = false;
  const { reader } = await open({
    honest: async (_, answer) => {
      await sleep(250);
      return answer;
    },
    liar: (call, answer) => {
      if (isHanging) return new Promise(() => {});
      const [asked, , replaced] = call.params as [{ data: Hex }, unknown, unknown];
      if (replaced === undefined) return new Promise(() => {});
      // Of each call that it told nothing.
      return { ...answer, result: `0x${"f".repeat(64 * Number(BigInt(`0x${asked.data.slice(66, 130)}`)))}` };
    },
  });
  for (let number = 2n; number < 5n; number += 1n) {
    await node.request("evm_mine");
    const { ref: at } = await fetchBlock(node, number, false);
    const startMs = performance.now();
    const answers = await reader.read(at, others);
    expect(answers.filter(({ ok }) => ok)).toHaveLength(others.length);
    if (isHanging) expect(performance.now() - startMs).toBeLessThan(2_500);
    isHanging = true;
    // Until it counts as late.
    await sleep(2_500);
  }
});
