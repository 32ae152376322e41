import { TransactionUnknown } from "@testudo/chain/block/fetchTransaction";
import { type Anvil, startAnvil } from "@testudo/chain/fork/startAnvil";
import { RpcRefused } from "@testudo/chain/rpc/RpcError";
import { type Endpoint, openEndpoint } from "@testudo/chain/rpc/rpcEndpoint";
import type { Hex } from "@testudo/core/model/Hex";
import { examineTransaction } from "@testudo/lab/forensics/examineTransaction";
import { afterAll, beforeAll, expect, test } from "vitest";
import { examineOnNode } from "./examineOnNode.ts";
import { reportSchema } from "./reportSchema.testkit.ts";
import { toJson } from "./standForensics.ts";

// The first account of a development node.
const sender: Hex = "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266";
const till: Hex = `0x${"d1".repeat(20)}`;
let anvil: Anvil;
let endpoint: Endpoint;
let paid: Hex;
let plain: Hex;

beforeAll(async () => {
  anvil = await startAnvil({ timestamp: 1_750_000_000 });
  endpoint = openEndpoint(anvil.url);
  // Writes 7 into slot 3, logs nothing with LOG0, and sends all it has to whoever calls.
  await endpoint.request("anvil_setCode", [till, "0x600760035560006000a0600060006000600047335af100"]);
  await endpoint.request("anvil_setBalance", [till, "0xde0b6b3a7640000"]);
  const send = async (tx: object) => {
    const receipt = await endpoint.request("eth_sendTransactionSync", [{ from: sender, ...tx }]);
    return (receipt as { transactionHash: Hex }).transactionHash;
  };
  paid = await send({ to: till, data: "0x11223344", gas: "0x30d40" });
  plain = await send({ to: `0x${"e1".repeat(20)}`, value: "0x5" });
});

afterAll(async () => {
  endpoint?.close();
  await anvil?.stop();
});

test("LAB-10, LAB-13: a transaction of a node has its tree with gas and what it changed from the node's tracers", async () => {
  const report = await examineTransaction(await examineOnNode(endpoint, paid));
  expect(report.callTree).toMatchObject({
    id: 0,
    from: sender,
    to: till,
    calls: [{ id: 1, from: till, to: sender, value: 10n ** 18n }],
  });
  expect(report.callTree.calls[0]!.gas).toBeGreaterThan(0n);
  const change = report.stateChanges.contracts.find(({ address }) => address === till);
  expect(change).toMatchObject({
    balance: { before: 10n ** 18n, after: 0n },
    slots: [{ slot: `0x${"3".padStart(64, "0")}` }],
  });
  expect(report.losses).toMatchObject([{ holder: till, asset: "native", share: 1 }]);
  expect(reportSchema.parse(JSON.parse(toJson(report)))).toBeDefined();
});

test("LAB-10: where a node offers no tracers, the transaction is run again on its state, with the same result", async () => {
  const without: Endpoint = {
    ...endpoint,
    request: (method, params, options) =>
      method.startsWith("debug_")
        ? Promise.reject(new RpcRefused(endpoint.label, method, -32_601, "no such method"))
        : endpoint.request(method, params, options),
  };
  const [own, theirs] = [await examineOnNode(without, paid), await examineOnNode(endpoint, paid)];
  expect(own.trace.calls.map(({ from, to, value }) => ({ from, to, value }))).toEqual(
    theirs.trace.calls.map(({ from, to, value }) => ({ from, to, value })),
  );
  expect(own.gasUsed).toBe(theirs.gasUsed);
  expect(own.limits![0]).toContain("run again here");
  const slots = (one: typeof own) => one.diff!.post[till]!.storage;
  expect(slots(own)).toEqual(slots(theirs));
});

test("LAB-16: a plain payment is ordinary", async () => {
  const report = await examineTransaction(await examineOnNode(endpoint, plain));
  expect(report).toMatchObject({ verdict: "ordinary", classification: [], defences: [] });
  expect(report.sentence).toContain("sent 5 of the smallest units of");
});

test("error: a transaction that is not mined", async () => {
  await expect(examineOnNode(endpoint, `0x${"ab".repeat(32)}`)).rejects.toThrow(TransactionUnknown);
});
