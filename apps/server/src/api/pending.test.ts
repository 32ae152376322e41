import { afterAll, beforeAll, expect, test } from "vitest";
import type { Store } from "../store/Store.ts";
import { storeFixture } from "../store/storeFolder.testkit.ts";
import { call } from "./call.testkit.ts";
import { type Served, serve, token } from "./served.testkit.ts";

const fixture = await storeFixture();
let store: Store;
let api: Served;
beforeAll(async () => {
  store = await fixture.open();
  api = await serve(store, {
    judgePending: async ({ hash }) => ({
      ...{ hash, near: null, outcome: "far", detail: "", severity: null, findings: [], onBlock: null, stateMisses: 0 },
      ms: 1,
    }),
  });
});
afterAll(async () => {
  await api.close();
  await store.close();
  await fixture.remove();
});

const post = (body: object) =>
  call(api.port, "/pending", {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body: JSON.stringify(body),
  });
const transaction = {
  hash: `0x${"12".repeat(32)}`,
  from: `0x${"34".repeat(20)}`,
  to: null,
  value: "0x0",
  input: "0x",
  nonce: "0x1",
  gas: "0x5208",
  gasPrice: "0x1",
};

test("behavior: a transaction in the form of JSON-RPC is judged", async () => {
  const { status, json } = await post({ transaction });
  expect({ status, json }).toMatchObject({ status: 200, json: { hash: transaction.hash, outcome: "far" } });
});

test.each([
  [{ hash: "0x12" }, '`transaction.hash` is "0x12".\n- Expected 32 bytes'],
  [{ value: "ten" }, '`transaction.value` is "ten".\n- Expected '],
  [{ gas: undefined }, "`transaction.gas` is missing.\n- Expected "],
  [{ accessList: [7] }, "`transaction.accessList[0]` is 7.\n- Expected "],
])("error: a transaction with %j is told of its field, and no node is blamed", async (fault, message) => {
  const { status, json } = await post({ transaction: { ...transaction, ...fault } });
  expect({ status, json }).toMatchObject({ status: 400, json: { error: { code: "transaction" } } });
  expect(json.error.message).toContain(message);
  expect(json.error.message).toContain(
    "\n- Send the transaction as eth_getTransactionByHash has it, or its signed bytes",
  );
  expect(json.error.message).not.toMatch(/node|Answer/i);
});
