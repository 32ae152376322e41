// What nodes that say that a nonce is used, and nodes that are away meanwhile, make of an action that is on its way.
import { RpcUnreachable } from "@testudo/chain/rpc/RpcError";
import { toHex } from "viem/utils";
import { expect, test } from "vitest";
import { openPoolNode, orderOf, type PoolNode, refused, ruleOrderOf, sendingTo } from "./pool.testkit.ts";
import { sendAction } from "./send.ts";
import { sendFixture, soon } from "./sendFixture.testkit.ts";

const { fixture, closers } = await sendFixture();

/** `order` on its way to `nodes`. */
async function send(nodes: readonly PoolNode[], order = orderOf("pause")) {
  const sending = sendingTo(await fixture.empty(), nodes);
  const done = sendAction(sending.options, order);
  closers.push(async () => {
    sending.stop.abort();
    await done;
  });
  return sending;
}

const away = () => new RpcUnreachable("away", "ECONNREFUSED");

test("RESP-08: a node that calls every nonce used has bytes stored ever more seldom", async () => {
  const node = openPoolNode("node");
  let given = 0;
  node.lie = ({ method }) => {
    if (method === "eth_getTransactionCount") return toHex(given);
    if (method !== "eth_sendRawTransaction") return undefined;
    given += 1;
    return refused("nonce too low");
  };
  const { rows } = await send([node]);
  await expect.poll(() => given, { timeout: 60_000 }).toBeGreaterThan(30);
  // After 5 looks, 10 more, 20 more and so on, up to 60.
  expect((await rows()).length).toBeLessThanOrEqual(4);
});

test("RESP-08: a nonce that something else used while one of two nodes is away for long has the pause signed anew, and that is told", async () => {
  const [node, other] = [openPoolNode("node"), openPoolNode("other")];
  const { told, states } = await send([node, other]);
  await soon(() => node.taken.length).toBe(1);
  other.lie = away;
  // Another program has the same key, or a person: this is the chain's by now.
  node.forget();
  node.mined = 3;
  await soon(() => node.pooled(3)).toBeDefined();
  expect(states()).not.toContain("failed");
  expect(told.filter(({ state }) => state === "dropped").map(({ note }) => note)).toEqual([
    "its nonce was used by a transaction that is not ours, by the word of some nodes: it is signed anew",
  ]);
});

test("RESP-08: one of three nodes that names a receipt for everything keeps no pause whose nonce is used from being signed anew", async () => {
  const [liar, ...honest] = ["liar", "one", "other"].map((label) => openPoolNode(label)) as [PoolNode, ...PoolNode[]];
  const receipt = { status: "0x1", blockHash: `0x${"de".repeat(32)}`, blockNumber: "0x1", gasUsed: "0x1" };
  liar.lie = ({ method }) => (method === "eth_getTransactionReceipt" ? receipt : undefined);
  await send([liar, ...honest]);
  await soon(() => honest[0]!.taken.length).toBe(1);
  for (const node of [liar, ...honest]) {
    node.forget();
    node.mined = 3;
  }
  await soon(() => honest[0]!.pooled(3)).toBeDefined();
});

test("RESP-08: what all who answer name a receipt for is waited for, and not signed anew", async () => {
  const [node, other] = [openPoolNode("node"), openPoolNode("other")];
  const { rows } = await send([node, other]);
  await soon(() => node.taken.length).toBe(1);
  other.lie = away;
  let asked = 0;
  node.mined = 1;
  node.lie = ({ method }) => {
    if (method !== "eth_getTransactionReceipt") return undefined;
    asked += 1;
    return { status: "0x1", blockHash: `0x${"de".repeat(32)}`, blockNumber: "0x1", gasUsed: "0x1" };
  };
  await soon(() => asked).toBeGreaterThan(60);
  expect(await rows()).toHaveLength(1);
});

test("RESP-08: one that is left alone, names a receipt and calls the nonce used holds a pause up until another is back, and no longer", async () => {
  const [liar, other] = [openPoolNode("liar"), openPoolNode("other")];
  other.lie = away;
  let asked = 0;
  liar.lie = ({ method }) => {
    if (method === "eth_sendRawTransaction") return refused("nonce too low");
    if (method !== "eth_getTransactionReceipt") return undefined;
    asked += 1;
    return { status: "0x1", blockHash: `0x${"de".repeat(32)}`, blockNumber: "0x1", gasUsed: "0x1" };
  };
  const { states } = await send([liar, other]);
  await soon(() => asked).toBeGreaterThan(60);
  other.lie = () => undefined;
  await soon(() => other.taken.length).toBe(1);
  expect(states()).not.toContain("failed");
});

test("RESP-08: of a rule whose nonce is used, by the word of one of two nodes alone, people are told, and it is neither ended nor signed twice", async () => {
  const [node, other] = [openPoolNode("node"), openPoolNode("other")];
  const { rows, states, told } = await send([node, other], ruleOrderOf("rule"));
  await soon(() => node.taken.length).toBe(1);
  other.lie = away;
  node.forget();
  node.mined = 3;
  await soon(states).toContain("dropped");
  expect(told.at(-1)?.note).toBe(
    "its nonce was used by a transaction that is not ours, by the word of some nodes: it waits for that of most",
  );
  expect([states().includes("failed"), (await rows()).length]).toEqual([false, 1]);
  other.lie = () => undefined;
  other.forget();
  other.mined = 3;
  await soon(states).toContain("failed");
});

test("RESP-08: a pause whose nonce is used waits no longer for its new bytes than until nodes tell what they cost", async () => {
  const [node, other] = [openPoolNode("node"), openPoolNode("other")];
  await send([node, other]);
  await soon(() => node.taken.length).toBe(1);
  let asked = 0;
  let isDumb = true;
  for (const one of [node, other]) {
    one.forget();
    one.mined = 3;
    one.lie = ({ method }) => {
      if (method === "eth_sendRawTransaction") asked += 1;
      return method === "eth_getBlockByNumber" && isDumb ? away() : undefined;
    };
  }
  // Of two nodes: after 5, 10 and 20 looks, and some.
  await soon(() => asked).toBeGreaterThan(80);
  isDumb = false;
  asked = 0;
  await soon(() => node.pooled(3)).toBeDefined();
  expect(asked).toBeLessThan(20);
});
