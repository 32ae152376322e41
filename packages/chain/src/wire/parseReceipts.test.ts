import type { Hex } from "@testudo/core/model/Hex";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fetchBundle } from "../block/fetchBundle.ts";
import { type Anvil, startAnvil } from "../fork/startAnvil.ts";
import { RpcMalformed } from "../rpc/RpcError.ts";
import { type Endpoint, openEndpoint } from "../rpc/rpcEndpoint.ts";
import { mineRandom } from "../testkit/mineRandom.testkit.ts";
import type { Block } from "./parseBlock.ts";
import { parseReceipts } from "./parseReceipts.ts";

const source = { method: "eth_getBlockReceipts" };
let anvil: Anvil;
let node: Endpoint;
let blocks: readonly Block[];

beforeAll(async () => {
  anvil = await startAnvil({ noMining: true });
  node = openEndpoint(anvil.url);
  blocks = await mineRandom(node, { count: 4, each: 40 });
});
afterAll(async () => {
  node.close();
  await anvil.stop();
});

const receiptsOf = ({ ref }: Block) => node.request("eth_getBlockReceipts", [ref.hash]) as Promise<Receipt[]>;
const rootOf = async ({ ref }: Block) =>
  ((await node.request("eth_getBlockByHash", [ref.hash, false])) as { receiptsRoot: Hex }).receiptsRoot;
interface Receipt {
  readonly logs: { readonly data: Hex; readonly topics: readonly Hex[]; readonly address: Hex }[];
  readonly status: Hex;
}

test("STREAM-17: receipts come to the root of their header, and have the logs in their places", async () => {
  let logs = 0;
  for (const block of blocks) {
    const receipts = parseReceipts(await receiptsOf(block), source);
    expect(receipts.root).toBe(await rootOf(block));
    expect(receipts.logs).toEqual((await fetchBundle(node, block.ref.hash, ["L"])).logs);
    logs += receipts.logs.length;
  }
  expect(logs).toBeGreaterThan(10);
});

test("STREAM-17: types, states in place of a status, and no transaction", async () => {
  for (const change of [{}, { type: "0x1" }, { type: "0x7e" }]) {
    const [first] = await receiptsOf(blocks[0]!);
    const roots = [first, { ...first, ...change }].map((one) => parseReceipts([one], source).root);
    expect(roots[0] === roots[1], JSON.stringify(change)).toBe(Object.keys(change).length === 0);
  }
  // Block 46147 of mainnet, the first with a transaction: receiptsRoot of its header, whose receipt has a state's root.
  const first = {
    root: "0x96a8e009d2b88b1483e6941e6812e32263b05683fac202abc622a3e31aed1957",
    cumulativeGasUsed: "0x5208",
    logsBloom: `0x${"0".repeat(512)}`,
    logs: [],
  };
  expect(parseReceipts([first], source).root).toBe(
    "0xfe2bf2a941abf41d72637e5b91750332a30283efd40c424dc522b77e6f0ed8c4",
  );
  expect(parseReceipts([], source)).toEqual({
    root: "0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421",
    logs: [],
  });
});

test("STREAM-17: whatever is changed, left out or moved in a log or a status comes to another root", async () => {
  const block = blocks[1]!;
  const [given, root] = [await receiptsOf(block), await rootOf(block)];
  const at = given.findIndex(({ logs }) => logs.length > 0);
  const { logs, status } = given[at]!;
  const [log] = logs;
  const withLogs = (changed: Receipt["logs"]) => given.with(at, { ...given[at]!, logs: changed });
  for (const changed of [
    withLogs([{ ...log!, data: `${log!.data}00` }, ...logs.slice(1)]),
    withLogs([{ ...log!, address: `0x${"1".repeat(40)}` }, ...logs.slice(1)]),
    withLogs([{ ...log!, topics: [...log!.topics, `0x${"0".repeat(64)}`] }, ...logs.slice(1)]),
    withLogs(logs.slice(1)),
    withLogs([...logs, log!]),
    given.with(at, { ...given[at]!, status: status === "0x1" ? "0x0" : "0x1" }),
    given.slice(0, -1),
    given.toReversed(),
  ])
    expect(parseReceipts(changed, source).root).not.toBe(root);
});

test("error: what is no receipt is malformed", async () => {
  const [first] = (await receiptsOf(blocks[0]!)) as unknown as [Record<string, unknown>];
  for (const wrong of [
    null,
    {},
    [null],
    [{}],
    [{ ...first, status: undefined }],
    [{ ...first, logsBloom: "0x00" }],
    [{ ...first, type: "x" }],
    [{ ...first, type: "0x80" }],
  ])
    expect(() => parseReceipts(wrong, source), JSON.stringify(wrong)?.slice(0, 80)).toThrow(RpcMalformed);
});

test("STREAM-17: more logs than a block has gas for are refused before they are read", () => {
  const logsBloom = `0x${"00".repeat(256)}`;
  const word = `0x${"11".repeat(32)}`;
  const [log, receipt] = [
    { address: `0x${"11".repeat(20)}`, topics: [], data: "0x" },
    { type: "0x2", status: "0x1", cumulativeGasUsed: "0x1", logsBloom },
  ];
  for (const logs of [
    [{ ...log, data: `0x${"ab".repeat(17 * 1024 * 1024)}` }],
    Array(400_000).fill(log),
    Array(80_000).fill({ ...log, topics: Array(4).fill(word) }),
  ]) {
    // What would be refused for another reason, or make up for it, stands behind.
    const others = [null, { ...receipt, logs: [null, { data: { length: -1e12 }, topics: { length: -1e12 } }] }];
    for (const list of [[{ ...receipt, logs }], [{ ...receipt, logs }, ...others]])
      expect(() => parseReceipts(list, { method: "test" }, list.length)).toThrow("gas of logs");
  }
});
