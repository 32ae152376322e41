import { privateKeyToAccount } from "viem/accounts";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Store } from "../store/Store.ts";
import { storeFixture } from "../store/storeFolder.testkit.ts";
import { call } from "./call.testkit.ts";
import { type Served, serve, token } from "./served.testkit.ts";

const relayToken = "5e".repeat(32);
const fixture = await storeFixture();
let store: Store;
let api: Served;
beforeAll(async () => {
  store = await fixture.open();
  api = await serve(store, {
    relayToken,
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

const post = (body: object, bearer = token) =>
  call(api.port, "/pending", {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${bearer}` },
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

/** A signed creation with as much init code as a transaction may carry (EIP-3860). */
async function largest(): Promise<string> {
  const account = privateKeyToAccount(`0x${"11".repeat(32)}`);
  const fees = { maxFeePerGas: 10n ** 10n, maxPriorityFeePerGas: 1n };
  const data = `0x${"5b".repeat(49_152)}` as const;
  return account.signTransaction({ type: "eip1559", chainId: 1, nonce: 0, gas: 16_000_000n, ...fees, data });
}

test("PRE-01: a relay's own token lets the largest signed transaction in, and nothing else", async () => {
  const raw = await largest();
  expect(await post({ raw }, relayToken)).toMatchObject({ status: 200, json: { outcome: "far" } });
  expect(await post({ transaction }, relayToken)).toMatchObject({ status: 401 });
  expect(await post({ raw }, "")).toMatchObject({ status: 401 });
  const headers = { "content-type": "application/json", authorization: `Bearer ${relayToken}` };
  for (const path of ["/reload", "/channels/ops/test", `/findings/${transaction.hash}/acknowledge`])
    expect(await call(api.port, path, { method: "POST", headers, body: "{}" })).toMatchObject({ status: 401 });
});

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

test("PRE-01: a body that is neither form is told both", async () => {
  for (const body of [
    {},
    { raw: "0x0" },
    { raw: 1 },
    { transaction: {} },
    { transaction }.transaction,
    [],
    { raw: "0x00", transaction },
  ])
    expect(await post(body)).toMatchObject({
      status: 400,
      json: {
        error: {
          message: expect.stringMatching(
            /^The request is malformed\.\n- (body|raw): Allowed: \{"raw": "0x…"\} .* or \{"transaction": /,
          ),
        },
      },
    });
});

test("error: a transaction that nests deeper than a stack is refused with its field, as any other", async () => {
  const deep = JSON.stringify({ transaction: { ...transaction, value: "deep" } }).replace(
    '"deep"',
    "[".repeat(100_000) + "]".repeat(100_000),
  );
  const { status, text } = await call(api.port, "/pending", {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body: deep,
  });
  expect({ status, text }).toEqual({ status: 400, text: expect.stringContaining("`transaction.value` is (nested") });
});

test("PRE-08: whoever shows more transactions at a time than there is room for is told to come back", async () => {
  let under = 0;
  let goOn: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const busy = await serve(store, {
    judgePending: async ({ hash }) => {
      under += 1;
      if (under <= 256) await gate;
      return {
        ...{ hash, near: null, outcome: "far", detail: "", severity: null },
        findings: [],
        onBlock: null,
        stateMisses: 0,
        ms: 1,
      };
    },
  });
  const show = () =>
    call(busy.port, "/pending", {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
      body: JSON.stringify({ transaction }),
    });
  const shown = Array.from({ length: 256 }, show);
  while (under < 256) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(await show()).toMatchObject({ status: 503, json: { error: { code: "busy" } } });
  goOn();
  expect(new Set((await Promise.all(shown)).map(({ status }) => status))).toEqual(new Set([200]));
  expect(await show()).toMatchObject({ status: 200 });
  await busy.close();
});
