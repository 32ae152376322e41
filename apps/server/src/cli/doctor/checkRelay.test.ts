import {
  refusal,
  serveBodies,
  serveCalls,
  type WireAnswer,
  type WireCall,
} from "@testudo/chain/testkit/faultyNode.testkit";
import { afterEach, expect, test } from "vitest";
import type { Settings } from "../../config/Config.ts";
import { checkRelay } from "./checkRelay.ts";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

const key = "s3cret-k3y-0815";

async function checked(url: string, publicAfterBlocks: number | "never" = 2) {
  const relay = { url: `${url}/${key}`, method: "eth_sendRawTransaction" };
  const policy = { relay: { name: "http://relay", publicAfterBlocks } };
  const checks = await checkRelay({ policy, relay } as unknown as Settings, 31_337);
  expect(JSON.stringify(checks)).not.toContain(key);
  return checks.map(({ level, text }) => [level, text]);
}

async function serve(answer: (call: WireCall) => WireAnswer) {
  const seen: string[] = [];
  const server = await serveCalls((call) => {
    seen.push(call.method);
    return answer(call);
  });
  closers.push(server.close);
  return { server, seen };
}

test("RESP-12: a relay of this chain answers, and is sent nothing", async () => {
  const { server, seen } = await serve(({ id }) => ({ jsonrpc: "2.0", id, result: "0x7a69" }));
  expect(await checked(server.url)).toEqual([["ok", "http://relay, chain 31337, public after 2 blocks"]]);
  expect(seen).toEqual(["eth_chainId"]);
});

test("RESP-12: a relay of another chain fails; one that knows no such question is there; one that refuses is doubtful", async () => {
  const other = await serve(({ id }) => ({ jsonrpc: "2.0", id, result: "0x1" }));
  expect(await checked(other.server.url)).toEqual([["fail", "http://relay is for chain 1, not 31337."]]);
  const plain = await serve((call) => refusal(call, -32_601, "no such method"));
  expect(await checked(plain.server.url, "never")).toEqual([
    ["ok", "http://relay answers, and does not tell its chain; never public"],
  ]);
  const strange = await serve((call) => refusal(call, -32_000, `no access with ${key}`));
  expect(await checked(strange.server.url)).toEqual([
    ["warn", "http://relay answers and refuses to tell its chain (code -32000)."],
  ]);
  const page = await serveBodies((_, response) => void response.end(`<p>${key}</p>`));
  closers.push(page.close);
  expect(await checked(page.url)).toEqual([["warn", "http://relay answers what is no JSON-RPC."]]);
});

test("RESP-12: a relay that is away is a warning where the nodes come after it, and a failure where they may not", async () => {
  const { server } = await serve(({ id }) => ({ jsonrpc: "2.0", id, result: "0x1" }));
  await server.close();
  closers.length = 0;
  expect(await checked(server.url)).toEqual([
    ["warn", "http://relay cannot be reached: ECONNREFUSED; public after 2 blocks."],
  ]);
  expect(await checked(server.url, "never")).toEqual([
    ["fail", "http://relay cannot be reached: ECONNREFUSED; never public."],
  ]);
});

test("RESP-12: without a relay nothing is asked", async () => {
  expect(await checkRelay({ policy: null, relay: undefined }, 1)).toEqual([]);
});
