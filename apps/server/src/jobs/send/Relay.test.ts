import { type FaultyNode, serveBodies } from "@testudo/chain/testkit/faultyNode.testkit";
import type { StreamTrouble } from "@testudo/core/model/ChainEvent";
import type { Hex } from "@testudo/core/model/Hex";
import { afterEach, expect, test } from "vitest";
import { openRelay, type Relay, type RelayAccess } from "./Relay.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const raw: Hex = `0x02${"5a".repeat(300)}`;
const bytes = { raw, hash: `0x${"11".repeat(32)}` as Hex };
const key = "fb-9f8e7d6c";
const token = "t0ken-of-the-relay";

interface Answer {
  readonly status?: number;
  readonly body: string;
}

/** A relay that answers `answers.at(n)` to the nth request, the last one from then on. */
async function open(answers: readonly Answer[], publicAfterBlocks: number | "never" = 2) {
  let at = 0;
  const server: FaultyNode = await serveBodies((_, response) => {
    const { status = 200, body } = answers[Math.min(at++, answers.length - 1)]!;
    response.statusCode = status;
    response.end(body);
  });
  closers.push(server.close);
  return { server, ...openAt(`${server.url}/${key}?auth=${key}2`, publicAfterBlocks) };
}

function openAt(url: string, publicAfterBlocks: number | "never" = 2): { relay: Relay; told: StreamTrouble[] } {
  const told: StreamTrouble[] = [];
  const access: RelayAccess = {
    url,
    method: "eth_sendRawTransaction",
    header: { name: "X-Auth", value: `Bearer ${token}` },
  };
  const relay = openRelay({
    terms: { name: "http://relay", publicAfterBlocks },
    access,
    tell: (trouble) => void told.push(trouble),
    signal: new AbortController().signal,
  });
  closers.push(() => relay.close());
  return { relay, told };
}

const answer = (rest: object): Answer => ({ body: JSON.stringify({ jsonrpc: "2.0", id: 1, ...rest }) });
const refusal = (message: string) => answer({ error: { code: -32_000, message } });
const hash = answer({ result: bytes.hash });

test("RESP-12: bytes that are taken are offered once a block, and anew at the next, in case they were dropped", async () => {
  const { server, relay, told } = await open([{ body: "" }]);
  server.isAway = true;
  expect((await relay.offer(bytes, 7n)).kind).toBe("unanswered");
  expect(told.map(({ trouble }) => trouble)).toEqual(["relay-failed"]);
  const second = await open([hash, { body: JSON.stringify({ jsonrpc: "2.0", id: 2, result: bytes.hash }) }]);
  for (const height of [7n, 7n, 8n, 8n]) expect(await second.relay.offer(bytes, height)).toEqual({ kind: "taken" });
  expect(second.server.seen.requests).toBe(2);
  expect(second.told).toEqual([]);
});

test.each([
  ["a refusal", refusal("no"), "refused"],
  ["a known transaction", refusal("already known"), "taken"],
  ["a used nonce", refusal("nonce too low"), "refused"],
  ["a closed door", { status: 401, body: "who are you" }, "unreached"],
  ["too many requests", { status: 429, body: "" }, "unreached"],
  ["a server in trouble", { status: 502, body: "" }, "unanswered"],
  ["a page", { body: "<html>welcome</html>" }, "unanswered"],
  ["nothing of ours", answer({ id: 99, result: "0x" }), "unanswered"],
] as const)("RESP-12: %s leaves no doubt whether the relay may have the bytes", async (_, said, kind) => {
  const { relay } = await open([said]);
  expect((await relay.offer(bytes, 7n)).kind).toBe(kind);
});

test("RESP-12: where no connection is made the relay has nothing", async () => {
  const { server } = await open([hash]);
  await server.close();
  const { relay } = openAt(server.url);
  expect(await relay.offer(bytes, 7n)).toEqual({ kind: "unreached", why: "ECONNREFUSED" });
});

test("RESP-12: a failure is told once, with what follows from the policy, and its end", async () => {
  const taken = { body: JSON.stringify({ jsonrpc: "2.0", id: 3, result: bytes.hash }) };
  const second = { body: JSON.stringify({ jsonrpc: "2.0", id: 2, error: { code: 1, message: "no" } }) };
  const { relay, told } = await open([refusal("no"), second, taken], "never");
  for (const height of [7n, 8n, 9n, 9n]) await relay.offer(bytes, height);
  expect(told).toEqual([
    {
      kind: "trouble",
      trouble: "relay-failed",
      endpoint: "relay http://relay",
      message:
        'The private relay http://relay did not take a signed transaction: it says "no". The policy forbids the public nodes: nobody else is given it.',
    },
    {
      kind: "trouble",
      trouble: "recovered",
      over: "relay-failed",
      endpoint: "relay http://relay",
      message: "The private relay http://relay takes transactions again.",
    },
  ]);
});

test("RESP-12: that a nonce is used is told only where the relay says so at a later block as well", async () => {
  const again = { body: JSON.stringify({ jsonrpc: "2.0", id: 2, error: { code: 1, message: "nonce too low" } }) };
  const { relay, told } = await open([refusal("nonce too low"), again]);
  await relay.offer(bytes, 7n);
  expect(told).toEqual([]);
  await relay.offer(bytes, 8n);
  expect(told.map(({ trouble }) => trouble)).toEqual(["relay-failed"]);
});

test("RESP-12: neither key, header nor bytes come out of what a relay says", async () => {
  const message = `https://other.example/${key} /${key}?auth=${key}2 Bearer ${token} ${token} ${raw} ${raw.slice(2).toUpperCase()}`;
  for (const said of [refusal(message), { body: message }, { status: 403, body: refusal(message).body }]) {
    const { relay, told } = await open([said]);
    const given = JSON.stringify([await relay.offer(bytes, 7n), told]);
    expect(told).toHaveLength(1);
    for (const secret of [key, token, raw.slice(2, 120), raw.slice(2, 120).toUpperCase()])
      expect(given).not.toContain(secret);
  }
});

test("RESP-12: two offers of the same bytes at a time are one request", async () => {
  const { server, relay } = await open([hash]);
  await Promise.all([relay.offer(bytes, 7n), relay.offer(bytes, 7n)]);
  expect(server.seen.requests).toBe(1);
});
