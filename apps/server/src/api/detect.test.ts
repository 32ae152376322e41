import { afterAll, beforeAll, expect, test } from "vitest";
import { NotJudged } from "../detect/openVennDesk.ts";
import type { Store } from "../store/Store.ts";
import { storeFixture } from "../store/storeFolder.testkit.ts";
import { call } from "./call.testkit.ts";
import { type Served, serve } from "./served.testkit.ts";

const fixture = await storeFixture();
let store: Store;
let api: Served;
beforeAll(async () => {
  store = await fixture.open();
  api = await serve(store);
});
afterAll(async () => {
  await api.close();
  await store.close();
  await fixture.remove();
});

const [thief, contract, vault, token, owner] = ["1", "2", "3", "4", "5"].map((n) => `0x${n.repeat(40)}`) as [
  string,
  string,
  string,
  string,
  string,
];
const word = (hex: string) => hex.replace(/^0x/, "").padStart(64, "0");
const spend = `0x23b872dd${word(owner)}${word(contract)}${word("0xde0b6b3a7640000")}`;
const frame = (from: string, to: string, input: string, calls: unknown[] = []) => ({
  from,
  to,
  input,
  output: null,
  gas: "0x5208",
  gasUsed: "0x5208",
  value: "0",
  calls,
});
const trace = {
  ...frame(thief, contract, "0x11", [frame(contract, vault, "0x11223344", [frame(vault, token, spend)])]),
  pre: {},
  post: {},
  logs: [],
  blockNumber: 1,
};
const request = {
  detectorName: "testudo",
  id: "a-1",
  chainId: 1,
  hash: `0x${"a".repeat(64)}`,
  protocolName: "Vault",
  trace,
};
const post = (body: unknown, headers: Record<string, string> = {}) =>
  call(api.port, "/detect", {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });

test("INT-03: a request in Venn's form is answered in Venn's form, without a token", async () => {
  const { status, json } = await post({ ...request, protocolAddress: vault, additionalData: { ticket: 7 } });
  expect(status).toBe(200);
  expect(json).toMatchObject({
    requestId: "a-1",
    chainId: 1,
    detected: true,
    protocolAddress: vault,
    protocolName: "Vault",
  });
  expect(json.message).toContain("third-party");
  expect(json.additionalData).toMatchObject({ ticket: 7, severity: "critical", findings: [{ detector: "call-tree" }] });
  const clean = await post({ ...request, trace: frame(thief, contract, "0x11") });
  expect(clean.json).toMatchObject({ detected: false, additionalData: { severity: null, findings: [] } });
  expect("message" in clean.json).toBe(false);
});

test("INT-03: it is stateless: the same request twice gives the same answer, and without an id a new one", async () => {
  const [first, second] = [await post(request), await post(request)];
  expect(second.text).toBe(first.text);
  const { id: _, ...nameless } = request;
  const ids = [await post(nameless), await post(nameless)].map(({ json }) => json.requestId);
  expect(new Set(ids).size).toBe(2);
});

test.each([
  ["no chain", { ...request, chainId: undefined }, 400, "chainId"],
  ["a hash that is none", { ...request, hash: "0x12" }, 400, "hash"],
  ["an address that is none", { ...request, protocolAddress: "vault" }, 400, "protocolAddress"],
  ["no trace", { ...request, trace: undefined }, 400, "trace"],
  ["a trace of nonsense", { ...request, trace: { ...trace, calls: [7] } }, 400, "frame is 7"],
  [
    "too many calls",
    { ...request, trace: { ...trace, calls: Array(50_001).fill(frame(thief, contract, "0x")) } },
    400,
    "50000",
  ],
  ["no JSON", "{", 400, ""],
])("error: %s", async (_, body, status, text) => {
  const answer = await post(body);
  expect(answer.status).toBe(status);
  expect(answer.text).toContain(text);
});

test("error: another media type, another name, another site's page, too large a body", async () => {
  expect((await post(request, { "content-type": "text/plain" })).status).toBe(415);
  expect((await post(request, { host: "example.org" })).status).toBe(403);
  expect((await post(request, { origin: "http://example.org" })).status).toBe(403);
  expect((await post(JSON.stringify({ ...request, detectorName: "x".repeat(17 * 1024 * 1024) }))).status).toBe(413);
});

test("behavior: the other changes still need the token", async () => {
  const answer = await call(api.port, "/findings/0x12/resolve", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: "{}",
  });
  expect(answer.status).toBe(401);
});

test("INT-03: what could not be judged is told with 503, and is no verdict", async () => {
  const lost = await serve(store, {
    judgeVenn: async () => {
      throw new NotJudged("it took too long");
    },
  });
  const { status, json } = await call(lost.port, "/detect", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(request),
  });
  await lost.close();
  expect({ status, error: json.error }).toMatchObject({ status: 503, error: { code: "judgement" } });
});
