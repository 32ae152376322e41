import { fetchCallTree } from "@testudo/chain/block/fetchTransaction";
import type { Endpoint } from "@testudo/chain/rpc/rpcEndpoint";
import { type Address, toLower } from "@testudo/core/model/Hex";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findNamed } from "../simulate/findAttack.ts";
import { type AnvilNode, openAnvilNode } from "./anvilNode.testkit.ts";
import { fetchSent, findHonest, recordedAs, type SentTx } from "./findHonest.ts";

let node: AnvilNode;
beforeAll(async () => {
  node = await openAnvilNode();
});
afterAll(() => node?.stop());

const send = (tx: object) => node.send({ gas: "0x30d40", ...tx });

/** Puts a contract of `code`, of less than 256 bytes, on the chain. */
async function make(code: string): Promise<Address> {
  const length = (code.length / 2).toString(16).padStart(2, "0");
  return toLower(
    (await send({ from: node.accounts[0], data: `0x60${length}80600b6000396000f3${code}` })).contractAddress,
  );
}

test("LAB-22: who comes through the contract that the attack came through is honest all the same", async () => {
  // Logs that it was called.
  const target = await make("60006000a000");
  // Calls it, and nothing else: a router, which is everybody's.
  const router = await make(`6000600060006000600073${target.slice(2)}5af100`);
  const { accounts, endpoint } = node;
  const users = accounts.slice(1, 4);
  for (const from of users) await send({ from, to: router });
  await send({ from: accounts[4], to: target });
  const thief = accounts[9]!;
  await send({ from: thief, to: target });
  const { transactionHash } = await send({ from: thief, to: router });
  const { recorded, senders } = await findHonest(endpoint, target, await fetchSent(endpoint, [transactionHash]), 100);
  expect(recorded.map(({ from, to }) => [from, to])).toEqual([
    ...users.map((from) => [from, router]),
    [accounts[4], target],
  ]);
  expect(senders).toBe(4);
});

/** A node whose pool has not yet given up what stands in a block already: so anvil answers for a moment, and it is no fault. */
function stillPooled(endpoint: Endpoint): Endpoint {
  const pooled = (tx: unknown) => ({ ...(tx as object), blockHash: null, blockNumber: null, transactionIndex: null });
  return {
    ...endpoint,
    async request(method, ...rest) {
      const result = await endpoint.request(method, ...rest);
      return method === "eth_getTransactionByHash" ? pooled(result) : result;
    },
    async batch(calls, ...rest) {
      const answers = await endpoint.batch(calls, ...rest);
      return answers.map((answer, i) =>
        calls[i]!.method === "eth_getTransactionByHash" && answer.ok
          ? { ...answer, result: pooled(answer.result) }
          : answer,
      );
    },
  };
}

test("LAB-22: a transaction with a receipt stands in its block, whatever else the node still holds of it", async () => {
  const { endpoint, accounts } = node;
  const target = await make("60006000a000");
  const { transactionHash: hash } = await send({ from: accounts[1], to: target });
  const asked = stillPooled(endpoint);
  const { ref, tx } = await fetchCallTree(endpoint, hash);
  expect(await fetchSent(asked, [hash])).toMatchObject([{ hash, from: accounts[1], to: target, block: ref.number }]);
  expect(await findNamed([asked], [hash])).toMatchObject([{ ref: { hash: ref.hash }, txs: [{ hash }] }]);
  expect(await fetchCallTree(asked, hash)).toMatchObject({ ref, tx });
});

test("LAB-22: who is recorded no more is known by his input where he called himself, and counts no more where he did not", () => {
  const [target, router] = [`0x${"aa".repeat(20)}`, `0x${"bb".repeat(20)}`] as const;
  const sent = (n: number, to: Address): SentTx => ({
    ...{ hash: `0x${String(n).repeat(64)}`, from: `0x${String(n).repeat(40)}`, to, input: "0x12345678", block: 1n },
  });
  const [direct, routed, kept] = [sent(1, target), sent(2, router), sent(3, target)];
  const all = [direct, routed, kept];
  const left = recordedAs({ recorded: all, alsoHonest: [], uses: all, senders: 3, gaps: [] }, target, [kept]);
  expect(left).toMatchObject({ recorded: [kept], senders: 2 });
  expect(left.alsoHonest.map(({ origin, selector }) => [origin, selector])).toEqual([[direct.from, "0x12345678"]]);
});
