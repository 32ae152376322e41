// Whatever one of two nodes answers, a pause goes out by the other.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { balanceOf, broadcast, findReceipt, nextNonce, placeOf, suggestFees } from "@testudo/chain/act/sendAction";
import { type Endpoint, openEndpoint } from "@testudo/chain/rpc/rpcEndpoint";
import { expect, test } from "vitest";
import { openPoolNode, orderOf, sendingTo } from "./pool.testkit.ts";
import { sendAction } from "./send.ts";
import { sendFixture } from "./sendFixture.testkit.ts";

const { fixture, closers } = await sendFixture();

const deep = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;
/** The text that a node answers `calls` with. */
type Answer = (ids: readonly number[], isBatch: boolean) => string;
const each =
  (answer: (id: number) => string): Answer =>
  (ids, isBatch) =>
    isBatch ? `[${ids.map(answer).join()}]` : answer(ids[0]!);
const resulting = (result: string) => each((id) => `{"jsonrpc":"2.0","id":${id},"result":${result}}`);
const failing = (error: string) => each((id) => `{"jsonrpc":"2.0","id":${id},"error":${error}}`);

const answers: readonly (readonly [string, Answer])[] = [
  ["an id that is no primitive", each(() => `{"jsonrpc":"2.0","id":{"toString":0,"valueOf":0},"result":"0x0"}`)],
  ["an id that is a list of such", each(() => `{"jsonrpc":"2.0","id":[{"toString":0,"valueOf":0}],"result":"0x0"}`)],
  ["a result that is no primitive", resulting(`{"toString":0,"valueOf":0,"toJSON":0}`)],
  ["a deep result", resulting(deep(20_000))],
  ["a very deep result", resulting(deep(500_000))],
  ["a deep error", failing(`{"code":-1,"message":${deep(20_000)},"data":${deep(20_000)}}`)],
  ["an error that is no primitive", failing(`{"code":{"toString":0},"message":{"toString":0,"toJSON":0}}`)],
  ["an error that is a number", failing("0")],
  ["an error of a megabyte", failing(JSON.stringify({ code: -1, message: "nonce ".repeat(200_000) }))],
  ["a list where one answer is due", (ids) => `[${ids.map(() => "null").join()}]`],
  ["null", () => "null"],
  ["a name of every object", () => `{"__proto__":null,"constructor":0}`],
  ["a base fee of 256 bits", resulting(`{"baseFeePerGas":"0x${"f".repeat(64)}","status":"0x1"}`)],
  ["a quantity of 256 bits", resulting(`"0x${"f".repeat(64)}"`)],
  ["a quantity below 2^53", resulting(`"0x1fffffffffffff"`)],
];

async function hostileNode(answer: Answer) {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = JSON.parse(Buffer.concat(chunks).toString()) as { id: number } | { id: number }[];
      response.setHeader("content-type", "application/json");
      response.end(answer(Array.isArray(body) ? body.map(({ id }) => id) : [body.id], Array.isArray(body)));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const endpoint = openEndpoint(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, { label: "hostile" });
  closers.push(() => {
    endpoint.close();
    server.closeAllConnections();
    server.close();
  });
  return endpoint;
}

test.each(answers)("RESP-08: one of two nodes that answers %s keeps no pause back", async (_, answer) => {
  const node = openPoolNode("node");
  const hostile = await hostileNode(answer);
  const { options, stop } = sendingTo(await fixture.empty(), [node]);
  const done = sendAction({ ...options, endpoints: [hostile, node.endpoint] }, orderOf("pause"));
  closers.push(async () => {
    stop.abort();
    await done;
  });
  await expect.poll(() => node.taken.length, { timeout: 15_000 }).toBeGreaterThan(0);
});

const hash = `0x${"11".repeat(32)}` as const;
const account = `0x${"22".repeat(20)}` as const;
test.each<[string, (endpoint: Endpoint) => Promise<unknown>]>([
  ["the next nonce", (endpoint) => nextNonce(endpoint, account)],
  ["the place", (endpoint) => placeOf(endpoint, account)],
  ["the balance", (endpoint) => balanceOf(endpoint, account)],
  ["fees", suggestFees],
  ["a receipt", (endpoint) => findReceipt(endpoint, [hash])],
  ["what became of bytes", (endpoint) => broadcast(endpoint, hash)],
])(
  "RESP-08: of an answer without end about %s no more is read than it may have: it holds nobody up",
  async (_, ask) => {
    const endpoint = await hostileNode(resulting(`"${"a".repeat(8_000_000)}"`));
    await expect(ask(endpoint)).rejects.toThrow(/at most \d+ bytes/);
  },
);
