import { type Endpoint, openEndpoint } from "@testudo/chain/rpcEndpoint";
import { type Anvil, startAnvil } from "@testudo/chain/startAnvil";
import { type Address, type Hex, toLower } from "@testudo/core/model/Hex";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fetchSent, findHonest } from "./findHonest.ts";

let anvil: Anvil;
let node: Endpoint;
let accounts: readonly Address[];
beforeAll(async () => {
  anvil = await startAnvil();
  node = openEndpoint(anvil.url);
  accounts = ((await node.request("eth_accounts")) as Address[]).map(toLower);
});
afterAll(async () => {
  node.close();
  await anvil.stop();
});

interface Mined {
  readonly transactionHash: Hex;
  readonly contractAddress: Address;
}

async function send(tx: object): Promise<Mined> {
  return (await node.request("eth_sendTransactionSync", [{ gas: "0x30d40", ...tx }])) as Mined;
}

/** Puts a contract of `code`, of less than 256 bytes, on the chain. */
async function make(code: string): Promise<Address> {
  const length = (code.length / 2).toString(16).padStart(2, "0");
  return toLower((await send({ from: accounts[0], data: `0x60${length}80600b6000396000f3${code}` })).contractAddress);
}

test("LAB-22: who comes through the contract that the attack came through is honest all the same", async () => {
  // Logs that it was called.
  const target = await make("60006000a000");
  // Calls it, and nothing else: a router, which is everybody's.
  const router = await make(`6000600060006000600073${target.slice(2)}5af100`);
  const users = accounts.slice(1, 4);
  for (const from of users) await send({ from, to: router });
  await send({ from: accounts[4], to: target });
  const thief = accounts[9]!;
  await send({ from: thief, to: target });
  const { transactionHash } = await send({ from: thief, to: router });
  const { recorded, senders } = await findHonest(node, target, await fetchSent(node, [transactionHash]), 100);
  expect(recorded.map(({ from, to }) => [from, to])).toEqual([
    ...users.map((from) => [from, router]),
    [accounts[4], target],
  ]);
  expect(senders).toBe(4);
});
