// What one node of several can make of a block's transactions, whose hashes they agree on.
import type { BlockBundle, CallFrame, Transaction } from "@testudo/core/model/BlockBundle";
import type { Address, Hex } from "@testudo/core/model/Hex";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { anvilAccount } from "../fork/anvilAccount.ts";
import { type Anvil, startAnvil } from "../fork/startAnvil.ts";
import type { Member } from "../nodes/EndpointPool.ts";
import { makeTroubleBook } from "../nodes/TroubleBook.ts";
import { type Endpoint, openEndpoint } from "../rpc/rpcEndpoint.ts";
import { type Recording, record, describe as tell } from "../testkit/collect.testkit.ts";
import { serveChanged } from "../testkit/faultyNode.testkit.ts";
import { parseBlock } from "../wire/parseBlock.ts";
import type { Fields } from "../wire/parseField.ts";
import { makeBodyProver } from "./BodyProver.ts";

const account = anvilAccount();
const sender = account.address.toLowerCase() as Address;
const watched: Address = `0x${"34".repeat(20)}`;
const elsewhere: Address = `0x${"35".repeat(20)}`;
const friend: Address = `0x${"f0".repeat(20)}`;
let anvil: Anvil;
let node: Endpoint;
let nonce = 0;
beforeAll(async () => {
  anvil = await startAnvil();
  node = openEndpoint(anvil.url);
});
afterAll(async () => {
  node.close();
  await anvil.stop();
});
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function send(to: Address): Promise<void> {
  const raw = await account.signTransaction({
    ...{ type: "eip1559", chainId: 31_337, nonce: nonce++, gas: 60_000n, to, value: 1n, data: "0xabcd" },
    ...{ maxFeePerGas: 10n ** 10n, maxPriorityFeePerGas: 1n },
  });
  await node.request("eth_sendRawTransaction", [raw]);
}

/** A watch of the same chain over nodes that say of each transaction what `changes` make of it, in their order. */
async function watch(changes: Record<string, (tx: Fields) => Fields>, url = anvil.url): Promise<Recording> {
  const endpoints = [];
  for (const [label, change] of Object.entries(changes)) {
    const faulty = await serveChanged(url, (_, answer) => {
      const block = answer.result as Fields | null;
      const txs = Array.isArray(block?.transactions) ? (block.transactions as (Hex | Fields)[]) : [];
      if (txs.length === 0 || typeof txs[0] === "string") return answer;
      return { ...answer, result: { ...block, transactions: txs.map((tx) => change(tx as Fields)) } };
    });
    const endpoint = openEndpoint(faulty.url, { label });
    closers.push(faulty.close, endpoint.close);
    endpoints.push(endpoint);
  }
  const recording = record({ endpoints, scopes: ["X", "L"], watched: [watched], from: null });
  closers.push(() => recording.stop());
  await recording.until(({ known }) => known.length > 0);
  return recording;
}

async function sentAndSeen(recording: Recording, to: Address): Promise<Transaction> {
  const before = recording.known.length;
  await send(to);
  await recording.until(({ known }) => known.length > before);
  const last = recording.events.findLast((event) => event.kind === "block");
  return (last as Extract<typeof last, { kind: "block" }>).bundle.txs[0]!;
}
const toldBy = ({ troubles }: Recording) => troubles.map(tell);
const same = (tx: Fields) => tx;

test("STREAM-18: of two nodes one that changes what a transaction does is found out by its hash, and told", async () => {
  for (const [field, value] of [
    ["input", "0xdead"],
    ["value", "0x7"],
    ["to", friend],
    ["r", null],
  ] as const) {
    const recording = await watch({ liar: (tx) => ({ ...tx, [field]: value }), honest: same });
    expect(await sentAndSeen(recording, watched)).toMatchObject({
      to: watched,
      value: 1n,
      input: "0xabcd",
      from: sender,
    });
    expect(toldBy(recording), field).toEqual(["endpoint-disagrees of liar"]);
    expect(recording.troubles[0]!.message).toMatch(
      /^Node liar sent transactions of block 0x[0-9a-f]{64} that are not /,
    );
  }
});

test("STREAM-18: the sender of a transaction that touches what is watched is whoever signed it, whatever a node says", async () => {
  const recording = await watch({ liar: (tx) => ({ ...tx, from: friend }), honest: same });
  expect(await sentAndSeen(recording, watched)).toMatchObject({ to: watched, from: sender });
  expect(toldBy(recording)).toEqual(["endpoint-disagrees of liar"]);
});

test("STREAM-18: who gives hashes where transactions were asked for hides none, and the next is asked", async () => {
  const recording = await watch({ liar: ({ hash }) => hash as unknown as Fields, honest: same });
  expect(await sentAndSeen(recording, watched)).toMatchObject({ to: watched, from: sender });
});

test("STREAM-18: where no node shows transactions that come to their hash they are taken as they are, and nobody is blamed", async () => {
  await node.request("anvil_impersonateAccount", [friend]);
  await node.request("anvil_setBalance", [friend, "0xffffffffffffffff"]);
  const recording = await watch({ one: same, two: same });
  await node.request("eth_sendTransaction", [{ from: friend, to: watched, value: "0x1" }]);
  await recording.until(({ events }) =>
    events.some((event) => event.kind === "block" && event.bundle.txs.some(({ from }) => from === friend)),
  );
  expect(toldBy(recording)).toEqual([]);
  expect(await sentAndSeen(recording, elsewhere)).toMatchObject({ from: sender });
});

/** Of a type that is not known to us: no node's comes to its hash. */
const foreign = (tx: Fields): Fields => ({ ...tx, type: "0x71" });

test("STREAM-20: of three nodes one that changes a transaction which nobody can hash is outvoted, and told", async () => {
  for (const [field, value] of [
    ["input", "0xdead"],
    ["value", "0x7"],
    ["to", elsewhere],
    ["from", elsewhere],
  ] as const) {
    const recording = await watch({
      liar: (tx) => ({ ...foreign(tx), [field]: value }),
      one: foreign,
      two: foreign,
    });
    const truth = { from: sender, to: watched, value: 1n, input: "0xabcd" };
    expect(await sentAndSeen(recording, watched)).toMatchObject(truth);
    expect(toldBy(recording), field).toEqual(["endpoint-disagrees of liar"]);
    expect(recording.troubles[0]!.message).toMatch(
      /^Node liar tells other transactions of block \d+ than two others\.\n/,
    );
    // Also once nobody is asked for proofs any more.
    for (let i = 0; i < 4; i += 1) expect(await sentAndSeen(recording, watched)).toMatchObject(truth);
  }
});

test("STREAM-20: of two that differ in a transaction which nobody can hash the first is believed, and that is told", async () => {
  const recording = await watch({ one: foreign, liar: (tx) => ({ ...foreign(tx), to: elsewhere }) });
  expect(await sentAndSeen(recording, watched)).toMatchObject({ to: watched });
  expect(toldBy(recording)).toEqual(["endpoint-disagrees of transactions"]);
});

test("STREAM-18: on a chain of the OP stack, whose blocks begin with a deposit, a liar is found out as well", async () => {
  const rollup = await startAnvil({ noMining: true, args: ["--optimism"] });
  const other = openEndpoint(rollup.url);
  closers.push(() => rollup.stop(), other.close);
  const [depositor, caller] = (await other.request("eth_accounts")) as Address[];
  const call = { gas: "0x20000", to: watched, value: "0x1" };
  const deposit = { ...call, from: depositor, type: "0x7e", mint: "0x7", isSystemTx: false };
  const isDeposit = ({ type }: Fields) => type === "0x7e";
  for (const lie of [
    (tx: Fields) => (isDeposit(tx) ? { ...tx, from: friend } : tx),
    (tx: Fields) => (isDeposit(tx) ? tx : { ...tx, input: "0xdead" }),
  ]) {
    const recording = await watch({ liar: lie, honest: same }, rollup.url);
    const before = recording.known.length;
    await other.request("eth_sendTransaction", [{ ...deposit, sourceHash: `0x${"12".repeat(32)}` }]);
    await other.request("eth_sendTransaction", [{ ...call, from: caller }]);
    await other.request("evm_mine");
    await recording.until(({ known }) => known.length > before);
    const last = recording.events.findLast((event) => event.kind === "block");
    const { txs } = (last as Extract<typeof last, { kind: "block" }>).bundle;
    expect(new Map(txs.map((tx) => [tx.from, [tx.to, tx.input]]))).toEqual(
      new Map([depositor, caller].map((own) => [own, [watched, "0x"]])),
    );
    expect(toldBy(recording)).toEqual(["endpoint-disagrees of liar"]);
    await recording.stop();
  }
});

test("STREAM-18: of one node, which may make up the hashes too, nothing is asked twice", async () => {
  let bodies = 0;
  const count = (tx: Fields) => {
    bodies += 1;
    return { ...tx, input: "0xdead" };
  };
  const recording = await watch({ only: count });
  const before = bodies;
  expect(await sentAndSeen(recording, watched)).toMatchObject({ input: "0xdead" });
  expect(bodies).toBe(before + 1);
  expect(toldBy(recording)).toEqual([]);
});

test("STREAM-18: what a liar gave is had from whoever gives it first, though others hang", async () => {
  await send(watched);
  const wire = (await node.request("eth_getBlockByNumber", ["latest", true])) as Fields;
  const block = parseBlock(wire, { method: "test" })!;
  const [tx] = block.txs!;
  const request = (label: string) => async () => (label === "honest" ? wire : new Promise(() => {}));
  const members = ["liar", "one", "two", "honest"].map(
    (label) => ({ endpoint: { label, timeoutMs: 10_000, request: request(label) } }) as unknown as Member,
  );
  const told: string[] = [];
  const troubles = makeTroubleBook(
    ({ endpoint }) => void told.push(endpoint!),
    () => false,
  );
  const prover = makeBodyProver(
    { pool: { members, candidates: () => members }, troubles, isLive: () => true },
    new Set(),
  );
  const forged = { ...block, txs: [{ ...tx!, value: 7n, wire: { ...tx!.wire, value: "0x7" } }] };
  const proved = await prover.prove(forged, members.slice(0, 2));
  expect([proved.txs![0]!.value, told]).toEqual([1n, ["liar"]]);
});

test("STREAM-18: where a signature names another sender than the node did, his call tree begins with him too", async () => {
  await send(watched);
  const wire = (await node.request("eth_getBlockByNumber", ["latest", true])) as Fields;
  const read = parseBlock(wire, { method: "test" })!;
  const members = ["liar", "honest"].map((label) => ({ endpoint: { label } }) as unknown as Member);
  const troubles = makeTroubleBook(
    () => {},
    () => false,
  );
  const prover = makeBodyProver(
    { pool: { members, candidates: () => members }, troubles, isLive: () => true },
    new Set([watched]),
  );
  const forged = { ...read, txs: read.txs!.map((tx) => ({ ...tx, from: friend })) };
  const block = await prover.prove(forged, members);
  const root = { type: "CALL", from: friend, to: watched, calls: [], logs: [] } as unknown as CallFrame;
  const bundle = { ref: block.ref, txs: forged.txs, logs: [], traces: [root] } as unknown as BlockBundle;
  const { txs, traces } = prover.nameSenders(bundle, block);
  expect([txs[0]!.from, traces![0]!.from]).toEqual([sender, sender]);
});

test("STREAM-18: who was found out gives nothing else of a block, and is asked after all others from then on", async () => {
  const recording = await watch({ liar: (tx) => ({ ...tx, value: "0x7" }), one: same, two: same });
  for (let i = 0; i < 3; i++) expect(await sentAndSeen(recording, watched)).toMatchObject({ value: 1n });
  const sources = recording.events.flatMap((event) => (event.kind === "block" ? [event.bundle.sources] : [])).slice(-3);
  for (const [giver] of sources) expect(giver).not.toBe("liar");
  expect(toldBy(recording)).toEqual(["endpoint-disagrees of liar"]);
});
