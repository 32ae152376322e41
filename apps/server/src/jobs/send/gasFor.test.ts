// How much gas a pause is given, on chains that charge for data in gas too.
import { RpcUnreachable } from "@testudo/chain/rpc/RpcError";
import { parseTransaction } from "viem/utils";
import { afterAll, expect, test } from "vitest";
import { listTransactions } from "../../store/leaseNonce.ts";
import { storeFixture } from "../../store/storeFolder.testkit.ts";
import { gasFor } from "./gasFor.ts";
import { openPoolNode, orderOf, type PoolNode, refused, sendingTo, signer } from "./pool.testkit.ts";
import { sendAction } from "./send.ts";

const fixture = await storeFixture();
afterAll(fixture.remove);

const { action } = orderOf("pause");
const call = { from: signer.address, to: action.target, data: "0x" } as const;
const usual = 360_000n;

/** What the nodes that estimate so, refuse or are away come to. */
function given(...words: readonly (bigint | "reverts" | "away")[]): Promise<bigint> {
  const nodes = words.map((word, i): PoolNode => {
    const node = openPoolNode(`node ${i}`);
    if (typeof word === "bigint") node.estimate = word;
    else
      node.lie = () => (word === "away" ? new RpcUnreachable("away", "ECONNREFUSED") : refused("execution reverted"));
    return node;
  });
  return gasFor(
    nodes.map(({ endpoint }) => endpoint),
    action,
    call,
  );
}

test("RESP-08: what a pause usually takes is given where nodes estimate no more, or nothing", async () => {
  expect(await given(75_000n)).toBe(usual);
  expect(await given(usual, usual)).toBe(usual);
  expect(await given("reverts", "away")).toBe(usual);
});

test("RESP-08: twice an estimate above that is given, and no one of several decides", async () => {
  expect(await given(4_000_000n)).toBe(8_000_000n);
  expect(await given(4_000_000n, "reverts")).toBe(8_000_000n);
  expect(await given(75_000n, 4_000_000n, 4_100_000n)).toBe(8_000_000n);
  expect(await given(75_000n, 10n ** 15n)).toBe(usual);
  expect(await given(10n ** 15n)).toBe(64n * usual);
});

test("RESP-08: a pause goes out where data is dear, and is signed anew where it gets dearer before anybody took it", async () => {
  const node = openPoolNode("rollup");
  node.baseFee = 10_000_000n;
  node.estimate = 1_000_000n;
  // Dearer from the first broadcast on.
  node.lie = ({ method }) => {
    if (method === "eth_sendRawTransaction" && node.estimate === 1_000_000n) node.estimate = 5_000_000n;
    return undefined;
  };
  const store = await fixture.empty();
  const { options, stop } = sendingTo(store, [node]);
  const order = orderOf("dear");
  const done = sendAction(options, order);
  try {
    await expect.poll(() => node.pooled(0), { timeout: 20_000 }).toBeDefined();
    const gas = (await listTransactions(store, order.action.id)).map(({ raw }) => parseTransaction(raw).gas);
    expect(gas).toEqual([2_000_000n, 10_000_000n]);
  } finally {
    stop.abort();
    await done;
  }
});
