// What a node may answer to the first questions, and how it is told.
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { codeOf, implementationOf } from "./askChain.ts";
import { headOf, openChain } from "./openChain.ts";

const hash = `0x${"a".repeat(64)}`;
const place = { file: "testudo.deploy.ts" };
let server: Server | undefined;
afterEach(() => {
  server?.close();
});

const sound: Readonly<Record<string, unknown>> = {
  eth_chainId: "0x7a69",
  eth_getBlockByNumber: { hash, number: "0x0", timestamp: "0x1" },
  web3_clientVersion: "anvil/v1",
  anvil_nodeInfo: {},
};

/** A node that answers as `sound` but for `answers`. */
async function nodeWith(answers: Readonly<Record<string, unknown>>): Promise<string> {
  server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { id, method } = JSON.parse(Buffer.concat(chunks).toString());
    response.end(JSON.stringify({ jsonrpc: "2.0", id, result: { ...sound, ...answers }[method as string] ?? null }));
  });
  await new Promise<void>((resolve) => server!.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test("behavior: a sound node is opened with its genesis", async () => {
  const chain = await openChain(await nodeWith({}), 31_337, place);
  expect([chain.genesis, chain.isDevelopment]).toEqual([hash, true]);
  chain.endpoint.close();
});

test("error: a node on another chain is refused with both ids", async () => {
  const url = await nodeWith({ eth_chainId: "0x1" });
  await expect(openChain(url, 31_337, place)).rejects.toThrow("names chainId 31337, the node is on chain 1.");
});

test.each([
  ["no chain id", { eth_chainId: null }, "Answer to eth_chainId"],
  ["an object for a chain id", { eth_chainId: { a: 1 } }, "Answer to eth_chainId"],
  ["no first block", { eth_getBlockByNumber: null }, "Answer to eth_getBlockByNumber 0x0"],
  ["a first block without a hash", { eth_getBlockByNumber: {} }, "hash is missing"],
])("error: a node that gives %s is called faulty", async (_, answers, text) => {
  const opened = openChain(await nodeWith(answers), 31_337, place);
  await expect(opened).rejects.toThrow(text);
  await expect(opened).rejects.toThrow("The node is faulty");
});

test.each([
  ["code", "eth_getCode", codeOf],
  ["storage", "eth_getStorageAt", implementationOf],
] as const)("error: a node that gives null for %s is called faulty", async (_, method, read) => {
  const { endpoint } = await openChain(await nodeWith({ [method]: null }), 31_337, place);
  await expect(read(endpoint, `0x${"1".repeat(40)}`)).rejects.toThrow(`Answer to ${method}`);
  endpoint.close();
});

test("error: a node without a newest block is called faulty", async () => {
  const chain = await openChain(await nodeWith({}), 31_337, place);
  const request = async () => null;
  const headless = { ...chain, endpoint: { ...chain.endpoint, request } };
  await expect(headOf(headless, 0)).rejects.toThrow("Answer to eth_getBlockByNumber latest");
  chain.endpoint.close();
});
