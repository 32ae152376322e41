// What one node of several, a kill and a crash can make of an action that is on its way.
import { RpcUnreachable } from "@testudo/chain/rpc/RpcError";
import type { Hex } from "@testudo/core/model/Hex";
import type { Commit } from "@testudo/core/model/Output";
import { parseTransaction } from "viem/utils";
import { afterEach, expect, test, vi } from "vitest";
import { dropUnsent } from "../../store/leaseNonce.ts";
import { leaseBytes } from "./leaseBytes.ts";
import { Late, openPoolNode, orderOf, type PoolNode, refused, sendingTo } from "./pool.testkit.ts";
import { sendAction } from "./send.ts";
import { openSender } from "./sender.ts";
import { sendFixture, soon } from "./sendFixture.testkit.ts";

const { fixture, closers } = await sendFixture();
afterEach(() => void vi.restoreAllMocks());

const isSent = ({ method }: { readonly method: string }) => method === "eth_sendRawTransaction";
const looks = (count: number) => new Promise((resolve) => setTimeout(resolve, count * 40));

/** A pause that is being sent to `nodes`. */
async function send(nodes: readonly PoolNode[], name = "pause") {
  const store = await fixture.empty();
  const sending = sendingTo(store, nodes);
  const order = orderOf(name);
  const done = sendAction(sending.options, order);
  closers.push(async () => {
    sending.stop.abort();
    await done;
  });
  return { ...sending, order, done };
}

test("RESP-08: what a node took that did not answer in time counts as out, whatever another refuses", async () => {
  const [late, full] = [openPoolNode("late"), openPoolNode("full")];
  late.lie = (call) => (isSent(call) ? new Late() : undefined);
  full.lie = (call) => (isSent(call) ? refused("txpool is full") : undefined);
  const { states, rows, place } = await send([late, full]);
  await soon(states).toContain("dropped");
  expect(states()).toEqual(["signed", "broadcast", "dropped"]);
  expect((await rows()).map(({ state }) => state)).toEqual(["sent"]);
  place.mode = "killed";
  await looks(5);
  expect(states()).not.toContain("killed");
});

test("RESP-07: what may be out is told so before a switch on the chain that cannot be read holds it", async () => {
  const node = openPoolNode("node");
  let isAway = false;
  node.lie = (call) => {
    if (!isSent(call)) return undefined;
    isAway = true;
    return new Late();
  };
  const { options, states, stop } = sendingTo(await fixture.empty(), [node]);
  const readFlag = async () =>
    isAway ? { state: "unread" as const, why: "the node is away" } : { state: "off" as const };
  const done = sendAction({ ...options, readFlag }, orderOf("pause"));
  closers.push(async () => {
    stop.abort();
    await done;
  });
  await soon(states).toContain("dropped");
  expect(states()).toEqual(["signed", "broadcast", "dropped"]);
});

test("RESP-08: what all nodes refuse, and none may have, has not left", async () => {
  const [one, away] = [openPoolNode("one"), openPoolNode("away")];
  one.lie = (call) => (isSent(call) ? refused("txpool is full") : undefined);
  away.lie = () => new RpcUnreachable("away", "ECONNREFUSED");
  const { states, rows, place } = await send([one, away]);
  await soon(states).toContain("dropped");
  place.mode = "killed";
  await soon(states).toEqual(["signed", "dropped", "killed"]);
  expect((await rows()).map(({ state }) => state)).toEqual(["stored"]);
});

test("RESP-08: bytes are known as sent before anybody has them: who is killed there does not say that nothing left", async () => {
  const node = openPoolNode("node");
  const seen: string[] = [];
  const sending = await send([node]);
  node.lie = async (call) => {
    if (isSent(call)) seen.push(...(await sending.rows()).map(({ state }) => state));
    return undefined;
  };
  await soon(() => seen.length).toBeGreaterThan(1);
  expect(new Set(seen)).toEqual(new Set(["sent"]));
});

test("RESP-07: bytes that never left are their own action's to give: none that follows gives them out", async () => {
  const node = openPoolNode("node");
  const store = await fixture.empty();
  const { options, rows, stop } = sendingTo(store, [node]);
  const [first, second] = [orderOf("first"), orderOf("second")];
  await leaseBytes(options, first);
  const done = sendAction(options, second);
  closers.push(() => stop.abort());
  await soon(() => node.taken.length).toBe(1);
  await looks(10);
  stop.abort();
  await done;
  expect((await rows()).map(({ action, state }) => [action, state])).toEqual([
    [first.action.id, "stored"],
    [second.action.id, "sent"],
  ]);
  expect(node.taken).toHaveLength(1);
});

test("GATE-02: what has ended while nodes take their time is not given to any", async () => {
  const node = openPoolNode("node");
  let go = () => {};
  let isAsked = false;
  node.lie = async ({ method }) => {
    if (method !== "eth_getTransactionCount") return undefined;
    isAsked = true;
    await new Promise<void>((resolve) => {
      go = resolve;
    });
    return undefined;
  };
  const { stop, done, rows } = await send([node]);
  await soon(() => isAsked).toBe(true);
  stop.abort();
  go();
  await done;
  expect(node.taken).toEqual([]);
  expect((await rows()).filter(({ state }) => state !== "stored")).toEqual([]);
});

test.each(["takes", "refuses", "hangs over"])(
  "RESP-08: one of two nodes that names any funds and %s all bytes keeps no pause of a poor sender back",
  async (what) => {
    const [liar, honest] = [openPoolNode("liar"), openPoolNode("honest", 10n ** 16n)];
    liar.lie = (call) => {
      if (call.method === "eth_getBalance") return "0xde0b6b3a7640000";
      if (!isSent(call)) return undefined;
      if (what === "takes") return `0x${"00".repeat(32)}`;
      return what === "refuses" ? refused("txpool is full") : new Late();
    };
    await send([liar, honest]);
    await soon(() => honest.taken.length).toBe(1);
  },
);

test("RESP-08: one of two nodes that names no funds keeps no pause back", async () => {
  const [liar, honest] = [openPoolNode("liar"), openPoolNode("honest", 10n ** 16n)];
  liar.lie = ({ method }) => (method === "eth_getBalance" ? "0x0" : undefined);
  const { states } = await send([liar, honest]);
  await soon(() => honest.taken.length + liar.taken.length).toBeGreaterThan(0);
  await soon(states).toContain("broadcast");
});

test("RESP-08: one of two nodes that names other prices each time has no bytes stored each time", async () => {
  const [liar, honest] = [openPoolNode("liar"), openPoolNode("honest")];
  let [asked, given] = [0n, 0];
  honest.lie = (call) => (isSent(call) ? refused("txpool is full") : undefined);
  liar.lie = (call) => {
    if (isSent(call)) given += 1;
    if (call.method === "eth_getBlockByNumber") return { baseFeePerGas: "0x9184e72a0000" };
    if (call.method !== "eth_maxPriorityFeePerGas") return honest.lie(call);
    asked += 1n;
    return `0x${(1_000_000_000n * asked).toString(16)}`;
  };
  const startMs = performance.now();
  const { rows } = await send([liar, honest]);
  await soon(() => given).toBeGreaterThan(20);
  const seconds = (performance.now() - startMs) / 1_000;
  // Those of the beginning, and one more each time that it has taken twice as long.
  expect((await rows()).length).toBeLessThanOrEqual(3 + Math.log2(seconds + 1));
});

/** Has time go on by `ms`. */
function pass(ms: number): void {
  const real = performance.now.bind(performance);
  vi.spyOn(performance, "now").mockImplementation(() => real() + ms);
}

test("RESP-09: where shares of what a poor sender has are too small for a block, one pause is raised to what a block takes", async () => {
  const node = openPoolNode("node", 9n * 10n ** 15n);
  const store = await fixture.empty();
  const { options, rows, stop } = sendingTo(store, [node]);
  const first = orderOf("first");
  const done = sendAction(options, first);
  closers.push(async () => {
    stop.abort();
    await done;
  });
  await soon(() => node.taken.length).toBe(1);
  node.balance = 2n * 10n ** 16n;
  node.baseFee *= 2n;
  await leaseBytes(options, orderOf("second"));
  pass(13_000);
  await soon(() => node.taken.length).toBe(2);
  const prices = (await rows()).flatMap(({ action, raw }) =>
    action === first.action.id ? parseTransaction(raw as Hex).maxFeePerGas! : [],
  );
  expect(prices.at(-1)).toBeGreaterThan(node.baseFee);
});

test("RESP-09: a pause that waits is raised to what a block takes by now, at once", async () => {
  const node = openPoolNode("node");
  const { rows } = await send([node]);
  await soon(() => node.taken.length).toBe(1);
  node.baseFee *= 20n;
  pass(13_000);
  await soon(() => node.taken.length).toBe(2);
  expect(parseTransaction((await rows()).at(-1)!.raw as Hex).maxFeePerGas).toBeGreaterThan(node.baseFee);
});

test("RESP-09: a pause that waits is raised in its time, also where the clock was set back by an hour meanwhile", async () => {
  const node = openPoolNode("node");
  const { rows } = await send([node]);
  await soon(() => node.taken.length).toBe(1);
  node.baseFee *= 20n;
  const clock = Date.now.bind(Date);
  vi.spyOn(Date, "now").mockImplementation(() => clock() - 3_600_000);
  pass(13_000);
  await soon(() => node.taken.length).toBe(2);
  expect(parseTransaction((await rows()).at(-1)!.raw as Hex).maxFeePerGas).toBeGreaterThan(node.baseFee);
});

test("RESP-09: a raise that the node refuses is stored once in its time, and the pause counts as out", async () => {
  const node = openPoolNode("node");
  const { rows, states } = await send([node]);
  await soon(() => node.taken.length).toBe(1);
  node.balance = 0n;
  node.lie = ({ method }) => (method === "eth_getBalance" ? "0xde0b6b3a7640000" : undefined);
  pass(13_000);
  await soon(async () => (await rows()).length).toBe(2);
  await looks(20);
  expect(await rows()).toHaveLength(2);
  expect(states()).toEqual(["signed", "broadcast"]);
});

test.each(["says that the nonce is used", "names a receipt that failed"])(
  "RESP-08: while the other of two nodes is away, one that %s ends no pause",
  async (what) => {
    const [liar, away] = [openPoolNode("liar"), openPoolNode("away")];
    const receipt = { status: "0x0", blockHash: `0x${"de".repeat(32)}`, blockNumber: "0x1", gasUsed: "0x1" };
    let asked = 0;
    liar.lie = (call) => {
      asked += Number(call.method === "eth_getTransactionReceipt");
      if (what === "names a receipt that failed")
        return call.method === "eth_getTransactionReceipt" ? receipt : undefined;
      return isSent(call) ? refused("nonce too low") : undefined;
    };
    away.lie = () => new RpcUnreachable("away", "ECONNREFUSED");
    const { states } = await send([liar, away]);
    await soon(() => asked).toBeGreaterThan(8);
    expect(states()).not.toContain("failed");
    away.lie = () => undefined;
    await soon(() => away.taken.length).toBe(1);
  },
);

test("RESP-08: one of two nodes that counts too many transactions of the sender keeps no pause back", async () => {
  const [liar, honest] = [openPoolNode("liar"), openPoolNode("honest")];
  liar.lie = ({ method }) => (method === "eth_getTransactionCount" ? "0xffff" : undefined);
  const { rows } = await send([liar, honest]);
  await soon(async () => (await rows()).map(({ nonce }) => nonce)).toContain(0);
  await soon(() => honest.pooled(0)).toBeDefined();
});

test("RESP-08: one of two nodes that counts too few transactions of the sender keeps no pause back", async () => {
  const [liar, honest] = [openPoolNode("liar"), openPoolNode("honest")];
  honest.mined = 5;
  liar.lie = (call) => {
    if (call.method === "eth_getTransactionCount") return "0x0";
    return isSent(call) ? refused("txpool is full") : undefined;
  };
  const { states } = await send([liar, honest]);
  await soon(() => honest.pooled(5)).toBeDefined();
  await looks(30);
  expect(states()).not.toContain("failed");
});

test("RESP-08: while nodes differ over the sender's nonce, what was given out for the other is given again", async () => {
  const [liar, honest] = [openPoolNode("liar"), openPoolNode("honest")];
  honest.mined = 5;
  liar.lie = (call) => {
    if (call.method === "eth_getTransactionCount") return "0x0";
    return isSent(call) ? `0x${"00".repeat(32)}` : undefined;
  };
  const { rows } = await send([liar, honest]);
  await soon(async () => (await rows()).map(({ nonce }) => nonce)).toEqual([5, 0]);
  // It has been started anew, say.
  honest.forget();
  await soon(() => honest.pooled(5)).toBeDefined();
});

test("RESP-08: a nonce that something else of the sender's used has the pause signed anew, and does not end it", async () => {
  const node = openPoolNode("node");
  const { rows, states } = await send([node]);
  await soon(() => node.taken.length).toBe(1);
  // Another program has the same key, or a person: this is the chain's by now.
  node.forget();
  node.mined = 3;
  await soon(() => node.pooled(3)).toBeDefined();
  expect(states()).not.toContain("failed");
  expect((await rows()).map(({ nonce }) => nonce)).toEqual([0, 3]);
});

test("RESP-08: older bytes that wait behind a hole keep no pause from being signed anew where its nonce is used", async () => {
  const node = openPoolNode("node");
  const store = await fixture.empty();
  const { options, rows, states, stop } = sendingTo(store, [node]);
  // Two that ended before they left, so that the third begins behind both.
  for (const order of [orderOf("first"), orderOf("second")]) {
    await leaseBytes(options, order);
    await dropUnsent(store.db, order.action.id);
  }
  const done = sendAction(options, orderOf("third"));
  closers.push(async () => {
    stop.abort();
    await done;
  });
  await soon(async () => (await rows()).map(({ nonce }) => nonce)).toEqual([0, 1, 2, 0]);
  await soon(() => node.pooled(0)).toBeDefined();
  // Another program's came into the block.
  node.forget();
  node.mined = 1;
  await soon(() => node.pooled(1)).toBeDefined();
  expect(states()).not.toContain("failed");
});

test("RESP-08: nobody waits behind bytes of an action that has failed and that no block takes", async () => {
  const node = openPoolNode("node", 9n * 10n ** 15n);
  const store = await fixture.empty();
  const { options, stop } = sendingTo(store, [node]);
  const sender = openSender(options);
  closers.push(async () => {
    stop.abort();
    await sender.close();
  });
  const [first, second] = [orderOf("first"), orderOf("second")];
  // Of an older one that failed as well, whose nonce the chain has by now.
  const older = orderOf("older");
  await leaseBytes(options, older);
  const fail = (action: Hex) =>
    sender.onStored({ records: [{ kind: "ActionStatus", action, state: "failed" }] } as unknown as Commit);
  fail(older.action.id);
  node.mined = 1;
  sender.add(first);
  await soon(() => node.taken.length).toBe(1);
  node.baseFee *= 3n;
  node.balance = 10n ** 18n;
  fail(first.action.id);
  sender.add(second);
  const next = () => node.priceAt(1);
  await soon(next).toBeGreaterThan(node.baseFee);
});

test("error: a store that is away for a moment while an action is on its way does not end it", async () => {
  const node = openPoolNode("node");
  const store = await fixture.empty();
  let isAway = true;
  const db = new Proxy(store.db, {
    get(target, key) {
      if (isAway) throw new Error("the database is away");
      const value = Reflect.get(target, key) as unknown;
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  const { options, states, stop } = sendingTo({ ...store, db }, [node]);
  const done = sendAction(options, orderOf("pause"));
  await looks(2);
  isAway = false;
  await soon(() => node.taken.length).toBe(1);
  expect(states()).not.toContain("failed");
  stop.abort();
  await done;
});
