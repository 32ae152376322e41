import { afterAll, beforeAll, expect, test } from "vitest";
import { type FaultyNode, serveCalls } from "../testkit/faultyNode.testkit.ts";
import { joinBatches } from "./joinBatches.ts";
import { type Endpoint, openEndpoint } from "./rpcEndpoint.ts";

let node: FaultyNode;
let endpoint: Endpoint;
beforeAll(async () => {
  node = await serveCalls(({ id, params }) => ({ jsonrpc: "2.0", id, result: params[0] }));
  endpoint = openEndpoint(node.url);
});
afterAll(async () => {
  endpoint.close();
  await node.close();
});

const ask = (joined: Endpoint, ...words: string[]) =>
  joined.batch(words.map((word) => ({ method: "echo", params: [word] })));
const said = (...words: string[]) => words.map((result) => ({ ok: true, result }));

test("STREAM-09: who asks at the same time shares a request, and each gets his own answers in his order", async () => {
  const joined = joinBatches(endpoint);
  const before = node.seen.requests;
  const answers = await Promise.all([ask(joined, "a", "b"), ask(joined), ask(joined, "c")]);
  expect(answers).toEqual([said("a", "b"), [], said("c")]);
  expect(node.seen.requests - before).toBe(1);
});

test("STREAM-09: who asks while others wait for their answers shares the next request", async () => {
  const joined = joinBatches(endpoint);
  const before = node.seen.requests;
  const first = ask(joined, "a");
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  const later = [ask(joined, "b"), ask(joined, "c")];
  expect(await Promise.all([first, ...later])).toEqual([said("a"), said("b"), said("c")]);
  expect(node.seen.requests - before).toBe(2);
});

test("error: a request that fails, fails for all that share it, and the next one goes out", async () => {
  const joined = joinBatches(endpoint);
  node.isAway = true;
  const all = await Promise.allSettled([ask(joined, "a"), ask(joined, "b")]);
  expect(all.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  node.isAway = false;
  expect(await ask(joined, "c")).toEqual(said("c"));
});
