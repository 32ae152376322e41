// What one node of several can make of a block's call trees, where the rest of the block is agreed on.
import type { CallFrame, Transaction } from "@testudo/core/model/BlockBundle";
import type { Address, Hex } from "@testudo/core/model/Hex";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { fetchBlock, fetchBundle } from "../block/fetchBundle.ts";
import { type Anvil, startAnvil } from "../fork/startAnvil.ts";
import type { Member } from "../nodes/EndpointPool.ts";
import { makeTroubleBook } from "../nodes/TroubleBook.ts";
import { type Endpoint, openEndpoint } from "../rpc/rpcEndpoint.ts";
import { type Recording, record, describe as tell } from "../testkit/collect.testkit.ts";
import { refusal, serveChanged, type WireAnswer, type WireCall } from "../testkit/faultyNode.testkit.ts";
import type { Fields } from "../wire/parseField.ts";
import { makeTreeProver } from "./TreeProver.ts";

const door: Address = `0x${"d0".repeat(20)}`;
const bell: Address = `0x${"be".repeat(20)}`;
const elsewhere: Address = `0x${"e1".repeat(20)}`;
let anvil: Anvil;
let node: Endpoint;
let from: Address;
beforeAll(async () => {
  anvil = await startAnvil({ noMining: true });
  node = openEndpoint(anvil.url);
  [from] = (await node.request("eth_accounts")) as [Address];
  // Logs two words of nothing; the door logs as much, and calls it.
  await node.request("anvil_setCode", [bell, "0x60405fa000"]);
  await node.request("anvil_setCode", [door, `0x60405fa05f5f5f5f5f73${bell.slice(2)}5af100`]);
});
afterAll(async () => {
  node.close();
  await anvil.stop();
});
const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

type Change = (root: Fields) => Fields;
const same: Change = (root) => root;
/** A tree without what its transaction does. */
const hiding: Change = (root) => ({ ...root, calls: [] });
/** The same, with all that was logged in the place of whoever called. */
const moving: Change = (root) => ({ ...root, calls: [], logs: loggedIn(root) });
const loggedIn = ({ logs = [], calls = [] }: Fields): unknown[] => [
  ...(logs as unknown[]),
  ...(calls as Fields[]).flatMap(loggedIn),
];
const calledBy = ({ calls = [] }: Fields): Fields => (calls as Fields[])[0]!;
/** Leaves out all logs, as some clients do. */
const bare: Change = ({ logs: _, calls = [], ...root }) => ({ ...root, calls: (calls as Fields[]).map(bare) });

type Answering = (call: WireCall, answer: WireAnswer) => WireAnswer | Promise<WireAnswer>;

const changing =
  (change: Change | null): Answering =>
  ({ method }, answer) => {
    if (method !== "debug_traceBlockByHash" || !Array.isArray(answer.result)) return answer;
    const traces = (answer.result as Fields[]).map((one) => ({ ...one, result: change?.(one.result as Fields) }));
    return { ...answer, result: traces };
  };

/** A watch over nodes that say of each call tree what `changes` make of it, in their order; none where that is nothing. */
function watch(changes: Record<string, Change | null>): Promise<Recording> {
  return watchNodes(Object.fromEntries(Object.entries(changes).map(([label, change]) => [label, changing(change)])));
}

async function watchNodes(nodes: Record<string, Answering>, quorum = 2): Promise<Recording> {
  const endpoints = [];
  for (const [label, answering] of Object.entries(nodes)) {
    const faulty = await serveChanged(anvil.url, answering);
    const endpoint = openEndpoint(faulty.url, { label });
    closers.push(faulty.close, endpoint.close);
    endpoints.push(endpoint);
  }
  const recording = record({ endpoints, quorum, scopes: ["X", "L", "T"], watched: [door], from: null });
  closers.push(() => recording.stop());
  await recording.until(({ known }) => known.length > 0);
  return recording;
}

/** Offers the one of both ways to trees that has no logs in them, which `change` makes something of. */
const flatly =
  (change: (frames: Fields[]) => Fields[]): Answering =>
  (call, answer) => {
    if (call.method === "debug_traceBlockByHash") return refusal(call, -32_601, "the method does not exist");
    if (call.method !== "trace_block" || !Array.isArray(answer.result)) return answer;
    return { ...answer, result: change(answer.result as Fields[]) };
  };

/** The call tree of a transaction to the door, in the next block. */
async function knock(recording: Recording, fields: object = {}): Promise<CallFrame> {
  const before = recording.known.length;
  await node.request("eth_sendTransaction", [{ from, to: door, gas: "0x30d40", value: "0x5", ...fields }]);
  await node.request("evm_mine");
  await recording.until(({ known }) => known.length > before);
  const last = recording.events.findLast((event) => event.kind === "block");
  return (last as Extract<typeof last, { kind: "block" }>).bundle.traces![0]!;
}
const toldBy = ({ troubles }: Recording) => troubles.map(tell);
const calledIn = (root: CallFrame) => root.calls.map(({ to }) => to);

test.each<[string, Change, string]>([
  ["hides what a transaction calls", hiding, "logs something else than it did"],
  ["says that it failed", (root) => ({ ...root, error: "execution reverted" }), "logs something else than it did"],
  ["hides what a transaction calls and has its caller log for it", moving, "logs in another's name"],
  ["makes up a log", (root) => ({ ...root, logs: [{ address: door, topics: [], data: "0x" }] }), "logs something else"],
  ["exchanges whom it calls", (root) => ({ ...root, to: elsewhere }), "begins with another call than it makes"],
  ["exchanges what it pays", (root) => ({ ...root, value: "0x1" }), "begins with another call than it makes"],
  ["exchanges its call data", (root) => ({ ...root, input: "0xdead" }), "begins with another call than it makes"],
])(
  "STREAM-21: of two nodes one whose call tree %s is found out by the rest of the block, and told",
  async (_, change, what) => {
    const recording = await watch({ liar: change, honest: same });
    expect(await knock(recording)).toMatchObject({ to: door, value: 5n, input: "0x", calls: [{ to: bell }] });
    expect(toldBy(recording)).toEqual(["endpoint-disagrees of liar"]);
    expect(recording.troubles[0]!.message).toMatch(
      new RegExp(
        `^Node liar sent call trees for block 0x[0-9a-f]{64} that are not its own: the tree of transaction 0x[0-9a-f]{64} ${what}`,
      ),
    );
  },
);

test("STREAM-21: trees without any log are had from a node that has them, and nobody is blamed", async () => {
  const recording = await watch({ bare, whole: same });
  const tree = await knock(recording);
  expect(tree.calls[0]!.logs).toHaveLength(1);
  expect(toldBy(recording)).toEqual([]);
});

test("STREAM-21, STREAM-08: where the first of two nodes has no tree of a block the other's is taken", async () => {
  const recording = await watch({ lacking: null, whole: same });
  for (let i = 0; i < 3; i += 1) expect(calledIn(await knock(recording))).toEqual([bell]);
  expect(toldBy(recording)).toEqual([]);
  const last = recording.events.findLast((event) => event.kind === "block");
  expect((last as Extract<typeof last, { kind: "block" }>).bundle.has).toEqual(["X", "L", "T"]);
});

test("STREAM-21: where one node is enough for a block, its trees are held against the block all the same", async () => {
  let isKnocking = false;
  let trace = () => {};
  const isTraced = new Promise<void>((resolve) => {
    trace = resolve;
  });
  const liar = changing(hiding);
  const recording = await watchNodes(
    {
      liar(call, answer) {
        if (call.method === "debug_traceBlockByHash") trace();
        return liar(call, answer);
      },
      // Comes to the block when the other has given it.
      async honest(call, answer) {
        if (isKnocking && call.params[0] === "latest") await isTraced;
        return answer;
      },
    },
    1,
  );
  isKnocking = true;
  expect(calledIn(await knock(recording))).toEqual([bell]);
  expect(toldBy(recording)).toEqual(["endpoint-disagrees of liar"]);
});

test("STREAM-21: who strips the logs as well hides no call", async () => {
  const recording = await watch({ liar: (root) => hiding(bare(root)), honest: same });
  expect(calledIn(await knock(recording))).toEqual([bell]);
});

test("STREAM-21: who offers but the way to trees that has no logs hides no call either", async () => {
  const roots = (frames: Fields[]) =>
    frames
      .filter(({ traceAddress }) => (traceAddress as unknown[]).length === 0)
      .map((frame) => ({ ...frame, subtraces: 0 }));
  const recording = await watchNodes({ liar: flatly(roots), honest: (_, answer) => answer });
  expect(calledIn(await knock(recording))).toEqual([bell]);
  expect(toldBy(recording)).toEqual([]);
});

test("STREAM-21: where nodes offer but the way to trees that has no logs theirs are taken, of another where the first names none", async () => {
  const whole = (frames: Fields[]) => frames;
  for (const first of [flatly(whole), flatly(() => [])]) {
    const recording = await watchNodes({ first, second: flatly(whole) });
    for (let i = 0; i < 4; i += 1) expect(calledIn(await knock(recording))).toEqual([bell]);
    expect(toldBy(recording)).toEqual([]);
  }
});

test("STREAM-21: trees of a creation, of a call that failed and of a plain payment fit", async () => {
  const recording = await watch({ one: same, two: same });
  const code: Hex = "0x60405fa05f5ff3";
  expect(await knock(recording, { to: undefined, data: code, value: "0x0" })).toMatchObject({ type: "CREATE" });
  await node.request("anvil_setCode", [elsewhere, "0x60405fa05f5ffd"]);
  expect(await knock(recording, { to: elsewhere })).toMatchObject({ error: expect.any(String) });
  expect(await knock(recording, { to: `0x${"77".repeat(20)}` })).toMatchObject({ value: 5n, calls: [] });
  expect(toldBy(recording)).toEqual([]);
});

test("STREAM-21: nodes that were found out otherwise show all the same that a call is hidden", async () => {
  const book = makeTroubleBook(
    () => {},
    () => false,
  );
  await node.request("eth_sendTransaction", [{ from, to: door, gas: "0x30d40", value: "0x5" }]);
  await node.request("evm_mine");
  const number = BigInt((await node.request("eth_blockNumber")) as Hex);
  const block = await fetchBlock(node, number, true);
  const bundle = await fetchBundle(node, number, ["X", "L", "T"]);
  // A stranger's contract that answers each node otherwise has honest ones outvoted.
  const [liar, outvoted] = [false, true].map((hasLied) => ({ endpoint: node, hasLied }) as Member);
  const pool = { members: [liar!, outvoted!], candidates: () => [liar!, outvoted!] };
  const prover = makeTreeProver({ pool, troubles: book, isLive: () => true });
  const traces = bundle.traces!.map((root) => ({ ...root, calls: [] }));
  const asked = { giver: liar!, by: [liar!, outvoted!], isWanted: true };
  expect((await prover.prove({ ...bundle, traces }, block, asked)).traces).toEqual(bundle.traces);
  expect(liar!.hasLied).toBe(true);
});

/** Makes and proves blocks, of which the first node has given what `given` makes of the trees, by the words of all; the endpoints say no more than trees. */
function provingOver(
  endpoints: readonly Endpoint[],
  given: (traces: readonly CallFrame[]) => readonly CallFrame[] | undefined,
) {
  const told: string[] = [];
  const troubles = makeTroubleBook(
    (trouble) => void told.push(tell(trouble)),
    () => false,
  );
  const members = endpoints.map((endpoint) => ({ endpoint, hasLied: false }) as Member);
  const prover = makeTreeProver({ pool: { members, candidates: () => members }, troubles, isLive: () => true });
  async function mine() {
    await node.request("eth_sendTransaction", [{ from, to: door, gas: "0x30d40", value: "0x5" }]);
    await node.request("evm_mine");
    const number = BigInt((await node.request("eth_blockNumber")) as Hex);
    const block = await fetchBlock(node, number, true);
    const { traces, traceSource: _, ...bundle } = await fetchBundle(node, number, ["X", "L", "T"]);
    const shown = given(traces!);
    const all = { ...bundle, ...(shown ? { traces: shown } : { has: ["X", "L"] as const }) };
    return { all, block };
  }
  async function proveOf({ all, block }: Awaited<ReturnType<typeof mine>>) {
    const startMs = performance.now();
    const asked = { giver: members[0]!, by: members, isWanted: true };
    const { traces: found } = await prover.prove(all, block, asked);
    return { ms: performance.now() - startMs, calls: found && calledIn(found[0]!) };
  }
  const prove = async () => proveOf(await mine());
  return { mine, prove, proveOf, told, members };
}

/** A node that gives trees after as many ms as it is told. */
function lateNode(label: string, lateMs: () => number): Endpoint {
  return {
    ...node,
    label,
    batch: async (calls, bounds) => {
      if (calls[0]?.method !== "eth_getCode") await new Promise((resolve) => setTimeout(resolve, lateMs()));
      return node.batch(calls, bounds);
    },
  };
}
const untraced = () => undefined;

test("STREAM-21: where the first node has no trees, another that hangs over them holds up one block, and not each", async () => {
  const hanging: Endpoint = { ...node, batch: () => new Promise(() => {}) };
  const { prove } = provingOver([node, hanging], untraced);
  const [first, ...later] = [await prove(), await prove(), await prove()];
  expect(first!.ms).toBeGreaterThan(3_900);
  for (const { ms } of later) expect(ms).toBeLessThan(900);
});

test("STREAM-21: where the first node has no trees and the second hangs over them, a third's are taken, and nobody waits for the second again", async () => {
  const hanging: Endpoint = { ...node, batch: () => new Promise(() => {}) };
  const { prove } = provingOver([node, hanging, lateNode("whole", () => 0)], untraced);
  const [first, ...later] = [await prove(), await prove(), await prove()];
  for (const { calls } of [first!, ...later]) expect(calls).toEqual([bell]);
  for (const { ms } of later) expect(ms).toBeLessThan(900);
});

test("STREAM-21: who gives trees within the time for it is waited for each time, and who did not is again once he does", async () => {
  let lateMs = 1_500;
  const { prove } = provingOver([node, lateNode("late", () => lateMs)], untraced);
  for (let i = 0; i < 3; i += 1) expect((await prove()).calls).toEqual([bell]);
  lateMs = 5_000;
  expect((await prove()).calls).toBeUndefined();
  lateMs = 0;
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  await prove();
  expect((await prove()).calls).toEqual([bell]);
});

test("STREAM-21: of several blocks at a time none goes without trees for the others'", async () => {
  const { mine, proveOf } = provingOver([node, lateNode("late", () => 500)], untraced);
  const found = await Promise.all([await mine(), await mine(), await mine()].map(proveOf));
  for (const { calls } of found) expect(calls).toEqual([bell]);
});

test("STREAM-21: one whose trees do not fit gains nothing by another that was late before", async () => {
  let lateMs = 6_000;
  const { prove } = provingOver([{ ...node, label: "liar" }, lateNode("late", () => lateMs)], (traces) =>
    traces.map((root) => ({ ...root, calls: [] })),
  );
  expect((await prove()).calls).toEqual([]);
  lateMs = 0;
  await new Promise((resolve) => setTimeout(resolve, 2_500));
  expect((await prove()).calls).toEqual([bell]);
});

test("STREAM-21: one whose trees do not fit is found out also by who gives his too late to be waited for", async () => {
  const { prove, told, members } = provingOver([{ ...node, label: "liar" }, lateNode("slow", () => 4_500)], (traces) =>
    traces.map((root) => ({ ...root, calls: [] })),
  );
  expect((await prove()).calls).toEqual([]);
  await expect.poll(() => told, { timeout: 8_000 }).toEqual(["endpoint-disagrees of liar"]);
  expect(members[0]!.hasLied).toBe(true);
});

test("STREAM-21: a block of many transactions and logs is looked through once, not once for each transaction", async () => {
  let looks = 0;
  const indices = Array.from({ length: 100 }, (_, i) => i);
  const hashOf = (i: number): Hex => `0x${i.toString(16).padStart(64, "0")}`;
  const said = { address: door, topics: [], data: "0x" } as const;
  const txs = indices.map((index): Transaction => {
    return { hash: hashOf(index), index, from, to: door, value: 0n, input: "0x", nonce: index };
  });
  const traces = txs.map(({ value, input }): CallFrame => {
    return { type: "CALL", from, to: door, value, input, output: "0x", calls: [], logs: [said] };
  });
  const logs = indices.map((index) => ({
    ...said,
    index,
    get txIndex() {
      looks += 1;
      return index;
    },
  }));
  const ref = { number: 1n, hash: hashOf(1), parentHash: hashOf(0), timestamp: 1n };
  const traceSource = "debug_traceBlockByHash" as const;
  const bundle = { ref, txs, logs, traces, traceSource, has: ["X", "L", "T"], sources: [] } as const;
  const members = [false, false].map((hasLied) => ({ endpoint: node, hasLied }) as Member);
  const book = makeTroubleBook(
    () => {},
    () => false,
  );
  const prover = makeTreeProver({ pool: { members, candidates: () => members }, troubles: book, isLive: () => true });
  const block = { ref, logsBloom: "0x", txHashes: [] } as const;
  expect(await prover.prove(bundle, block, { giver: members[0]!, by: members, isWanted: true })).toBe(bundle);
  expect(looks).toBeLessThanOrEqual(2 * logs.length);
});

test("STREAM-21: where no node's trees fit they are taken as they are, and nobody is blamed", async () => {
  const recording = await watch({ one: hiding, two: hiding });
  for (let i = 0; i < 5; i += 1) expect(calledIn(await knock(recording))).toEqual([]);
  expect(toldBy(recording)).toEqual([]);
});

test("STREAM-21: what a chain logs beside the EVM, at an address that is built in, is in no tree and blames nobody", async () => {
  const fees: Address = `0x${"1010".padStart(40, "0")}`;
  await node.request("anvil_setCode", [fees, "0x60405fa000"]);
  const gate: Address = `0x${"9a".repeat(20)}`;
  const calling = [fees, bell].map((to) => `5f5f5f5f5f73${to.slice(2)}5af150`).join("");
  await node.request("anvil_setCode", [gate, `0x${calling}00`]);
  // As of Polygon: the log is the block's, and no call made it.
  const beside: Change = ({ calls = [], ...root }) => ({
    ...root,
    calls: (calls as Fields[]).filter(({ to }) => to !== fees),
  });
  const recording = await watch({ one: beside, two: beside });
  for (let i = 0; i < 4; i += 1) expect(calledIn(await knock(recording, { to: gate }))).toEqual([bell]);
  expect(toldBy(recording)).toEqual([]);
  const lied = await watch({ liar: (root) => ({ ...root, calls: [] }), honest: beside });
  expect(calledIn(await knock(lied, { to: gate }))).toEqual([bell]);
  // The next test begins with a block of which nothing is shown.
  await knock(lied, { to: elsewhere });
});

test("STREAM-21: where two of three nodes give a block the same trees, a third whose fit it has not the only word", async () => {
  // A chain that logs beside the EVM: what the door logs stands in no honest tree.
  const beside: Change = (root) => ({ ...root, logs: [] });
  const liar: Change = (root) => ({ ...root, input: root.input, calls: [{ ...calledBy(root), calls: [] }] });
  const recording = await watch({ one: beside, two: beside, liar });
  for (let i = 0; i < 4; i += 1) await knock(recording);
  expect(toldBy(recording)).toEqual([]);
});

/** What the tracer of a chain leaves out that logs beside the EVM at `address`: the log is the block's, and no call made it. */
const withoutLogsAt =
  (address: Address): Change =>
  ({ logs = [], calls = [], ...root }) => ({
    ...root,
    logs: (logs as Fields[]).filter((log) => log.address !== address),
    calls: (calls as Fields[]).map(withoutLogsAt(address)),
  });
const without =
  (address: Address): Change =>
  ({ calls = [], ...root }) => ({
    ...root,
    calls: (calls as Fields[]).filter(({ to }) => to !== address).map(without(address)),
  });

/** Two nodes of a chain that logs beside the EVM at an address that is none of the usual ones, where `code` stands and a gate calls it. */
async function besides(code: Hex, honest: (built: Address) => Change, lyingCode?: Hex) {
  const built: Address = `0x02${"00".repeat(18)}05`;
  const gate: Address = `0x${"9b".repeat(20)}`;
  await node.request("anvil_setCode", [built, "0x60405fa000"]);
  const calling = [built, bell].map((to) => `5f5f5f5f5f73${to.slice(2)}5af150`).join("");
  await node.request("anvil_setCode", [gate, `0x${calling}00`]);
  const asBuilt =
    (shown: Hex, answering: Answering): Answering =>
    (call, answer) =>
      call.method === "eth_getCode" && call.params[0] === built
        ? { ...answer, result: shown }
        : answering(call, answer);
  const recording = await watchNodes({
    honest: asBuilt(code, changing(honest(built))),
    // Has the logs in its trees, in a call that it made up.
    liar: asBuilt(lyingCode ?? code, changing(same)),
  });
  return { recording, knocked: () => knock(recording, { to: gate }) };
}

test("STREAM-21: one of two nodes has the other not blamed for what a chain logs beside the EVM, wherever", async () => {
  for (const lyingCode of ["0x01", "0x60405fa000"] as const) {
    const { recording, knocked } = await besides("0x01", without, lyingCode);
    for (let i = 0; i < 3; i += 1) await knocked();
    expect(toldBy(recording)).toEqual(["endpoint-disagrees of call trees"]);
    expect(recording.troubles[0]!.message).toMatch(
      /^Nodes honest and liar tell different call trees of block \d+, and no code that both know to log decides between them: what is read is the word of liar\.$/,
    );
  }
});

test("STREAM-21: a tracer that leaves logs out of calls which it has blames nobody, and its trees are made up for", async () => {
  const { recording, knocked } = await besides("0x01", withoutLogsAt);
  for (let i = 0; i < 3; i += 1) expect((await knocked()).calls[0]!.logs).toHaveLength(1);
  expect(toldBy(recording)).toEqual([]);
});

test("STREAM-21: that no node's trees fit any more where they did is told", async () => {
  const changes: Record<string, Change> = { one: same, two: same };
  const turning =
    (label: string): Change =>
    (root) =>
      changes[label]!(root);
  const recording = await watch({ one: turning("one"), two: turning("two") });
  await knock(recording);
  Object.assign(changes, { one: hiding, two: hiding });
  for (let i = 0; i < 3; i += 1) await knock(recording);
  expect(toldBy(recording)).toEqual(["scope-degraded of call trees"]);
  Object.assign(changes, { one: same, two: same });
  for (let i = 0; i < 9; i += 1) await knock(recording);
  expect(toldBy(recording)).toEqual(["scope-degraded of call trees", "recovered of call trees"]);
});

test("STREAM-21: that two nodes tell different trees is over once those that are given have fitted again for long", async () => {
  const { recording, knocked } = await besides("0x01", without);
  await knocked();
  await knock(recording);
  expect(toldBy(recording)).toEqual(["endpoint-disagrees of call trees"]);
  for (let i = 0; i < 64; i += 1) {
    const before = recording.known.length;
    await node.request("evm_mine");
    await recording.until(({ known }) => known.length > before);
  }
  await knock(recording);
  expect(toldBy(recording)).toEqual(["endpoint-disagrees of call trees", "recovered of call trees"]);
});
