// Nonces that nothing of ours fills, and what waits behind them.

import type { ActionState } from "@testudo/core/model/ActionStatus";
import type { Plain } from "@testudo/core/model/canonicalJson";
import type { Hex } from "@testudo/core/model/Hex";
import type { Commit } from "@testudo/core/model/Output";
import { parseTransaction } from "viem/utils";
import { expect, test } from "vitest";
import { openSumChange } from "../../store/checksums.ts";
import { dropUnsent } from "../../store/leaseNonce.ts";
import { writeCells } from "../../store/writeCells.ts";
import { giveOut } from "./giveOut.ts";
import { leaseBytes, leaveUsed } from "./leaseBytes.ts";
import { Late, openPoolNode, orderOf, refused, ruleOrderOf, sendingTo } from "./pool.testkit.ts";
import { sendAction } from "./send.ts";
import { openSender } from "./sender.ts";
import { sendFixture, soon } from "./sendFixture.testkit.ts";

const { fixture, closers } = await sendFixture();

/** A sender to one node whose first nonces, `count` of them, belong to actions that ended before they left. */
async function behindHole(count = 1) {
  const node = openPoolNode("node");
  const store = await fixture.empty();
  const sending = sendingTo(store, [node]);
  for (let i = 0; i < count; i++) {
    const ended = orderOf(`ended ${i}`);
    await leaseBytes(sending.options, ended);
    await dropUnsent(store.db, ended.action.id);
  }
  return { node, store, ...sending };
}

test("RESP-08: bytes that were signed anew before they left keep no later pause behind their old nonce", async () => {
  const { node, options, stop, rows } = await behindHole();
  // Such nodes exist: what cannot come next is refused.
  const next = () => node.mined + (node.pooled(0) === undefined ? 0 : node.pooled(1) === undefined ? 1 : 2);
  node.lie = ({ method, params }) => {
    const isEarly = () => (parseTransaction(params[0] as Hex).nonce ?? 0) > next();
    return method === "eth_sendRawTransaction" && isEarly() ? refused("nonce too high") : undefined;
  };
  const [first, second] = [orderOf("first"), orderOf("second")];
  for (const order of [first, second]) await leaseBytes(options, order);
  const done = Promise.all([sendAction(options, first), sendAction(options, second)]);
  closers.push(async () => {
    stop.abort();
    await done;
  });
  await soon(async () => (await rows()).flatMap(({ action, state }) => (state === "sent" ? [action] : []))).toEqual(
    expect.arrayContaining([first.action.id, second.action.id]),
  );
});

test("LAB-22: a rule is given out with one nonce only: not while a hole is below it", async () => {
  const { node, options, stop, rows } = await behindHole(2);
  const done = sendAction(options, ruleOrderOf("rule"));
  closers.push(async () => {
    stop.abort();
    await done;
  });
  await soon(() => node.pooled(0)).toBeDefined();
  expect(node.taken).toHaveLength(1);
  expect((await rows()).map(({ nonce, state }) => [nonce, state])).toEqual([
    [0, "lost"],
    [1, "lost"],
    [2, "lost"],
    [0, "sent"],
  ]);
});

test.each(["released", "stale"])(
  "LAB-22: bytes of a rule that has ended as %s are given to nobody any more, whoever waits behind them",
  async (state) => {
    const node = openPoolNode("node");
    const { options, stop } = sendingTo(await fixture.empty(), [node]);
    const sender = openSender(options);
    closers.push(async () => {
      stop.abort();
      await sender.close();
    });
    const rule = ruleOrderOf("rule");
    sender.add(rule);
    await soon(() => node.taken.length).toBe(1);
    const [old] = node.taken;
    sender.onStored({
      records: [{ kind: "ActionStatus", action: rule.action.id, state }],
    } as unknown as Commit);
    node.forget();
    sender.add(orderOf("pause"));
    await soon(() => node.pooled(0)).toBeDefined();
    expect(node.taken.slice(1)).not.toContain(old);
  },
);

test("RESP-08: a node that hangs over all bytes holds a pause up for no longer, however many wait before it", async () => {
  const [node, slow] = [openPoolNode("node"), openPoolNode("slow")];
  const store = await fixture.empty();
  const { options, stop } = sendingTo(store, [node, slow]);
  const before = ["a", "b", "c", "d", "e", "f"].map((name) => orderOf(name));
  for (const order of before) await giveOut(options, (await leaseBytes(options, order)).tx);
  // Both have been started anew, say.
  for (const one of [node, slow]) one.forget();
  slow.lie = async ({ method }) => {
    if (method !== "eth_sendRawTransaction") return undefined;
    await new Promise((resolve) => setTimeout(resolve, 10_000));
    return new Late();
  };
  const startMs = performance.now();
  const done = Promise.all([...before, orderOf("pause")].map((order) => sendAction(options, order)));
  closers.push(async () => {
    stop.abort();
    await done;
  });
  await soon(() => node.pooled(before.length)).toBeDefined();
  // Three seconds for those before it, and not for each of them, nor for each that waits behind them.
  expect(performance.now() - startMs).toBeLessThan(9_000);
}, 40_000);

test("LAB-22: bytes that are being signed for a rule as it is in force, and then taken back, keep no later pause behind them", async () => {
  const { node, options, stop, rows } = await behindHole(2);
  const held: (() => void)[] = [];
  let isHolding = false;
  node.lie = async ({ method }) => {
    if (method === "eth_getBalance" && isHolding) await new Promise<void>((resolve) => held.push(resolve));
    return undefined;
  };
  const sender = openSender(options);
  closers.push(async () => {
    stop.abort();
    await sender.close();
  });
  const rule = ruleOrderOf("rule");
  sender.add(rule);
  // It has nonce 2 by now, and is being signed anew for 0.
  await soon(async () => (await rows()).length).toBe(3);
  isHolding = true;
  await soon(() => held.length).toBe(1);
  // Somebody has had older bytes of it.
  for (const state of ["active", "released"])
    sender.onStored({ records: [{ kind: "ActionStatus", action: rule.action.id, state }] } as unknown as Commit);
  await new Promise((resolve) => setTimeout(resolve, 200));
  isHolding = false;
  for (const go of held) go();
  await soon(async () => (await rows()).length).toBe(4);
  sender.add(orderOf("pause"));
  await soon(() => node.pooled(0)).toBeDefined();
});

/** A first pause that is out and then in `state`, after which a block costs five times as much, and a second one. */
async function behindPause(state: ActionState, gas = 75_000n) {
  const node = openPoolNode("node");
  node.estimate = gas;
  const store = await fixture.empty();
  const { options, stop, rows, told } = sendingTo(store, [node]);
  const sender = openSender(options);
  closers.push(async () => {
    stop.abort();
    await sender.close();
  });
  const [first, second] = [orderOf("first"), orderOf("second")];
  sender.add(first);
  await soon(() => node.pooled(0)).toBeDefined();
  sender.onStored({ records: [{ kind: "ActionStatus", action: first.action.id, state }] } as unknown as Commit);
  await store.db.transaction().execute(async (trx) => {
    const sums = openSumChange();
    const cell = { action: first.action, state } as unknown as Plain;
    await writeCells(trx, sums, [[`c/action/${first.action.id}`, cell]]);
    await sums.write(trx);
  });
  const rise = () => {
    node.baseFee *= 5n;
  };
  return { node, options, rows, told, rise, first, addSecond: () => sender.add(second) };
}

test("RESP-09: bytes of a pause that others put in force are raised where a block costs more and a later pause waits behind them", async () => {
  const { node, rows, rise, addSecond } = await behindPause("active");
  rise();
  addSecond();
  await soon(() => node.priceAt(0) > node.baseFee).toBe(true);
  expect(node.priceAt(1)).toBeGreaterThan(node.baseFee);
  // The same call at another price: whichever a block takes, the council refuses it.
  const [was, is] = (await rows())
    .filter(({ nonce }) => nonce === 0)
    .map(({ action, raw }) => ({ action, data: parseTransaction(raw as Hex).data }));
  expect(is).toEqual(was);
});

test("RESP-07: bytes of a pause that people stopped are not pushed into a block by a later one", async () => {
  const { node, rows, rise, addSecond } = await behindPause("killed");
  rise();
  addSecond();
  await soon(() => node.pooled(1)).toBeDefined();
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect((await rows()).map(({ nonce }) => nonce)).toEqual([0, 1]);
});

test("RESP-09: a pause in force that is out with two nonces does not end a later one", async () => {
  const { node, options, rows, told, rise, first, addSecond } = await behindPause("active");
  await leaveUsed(options, first, await leaseBytes(options, first));
  await giveOut(options, (await leaseBytes(options, first)).tx);
  rise();
  addSecond();
  await soon(() => node.priceAt(1) > node.baseFee).toBe(true);
  await soon(() => node.pooled(2)).toBeDefined();
  expect(told.map(({ state }) => state)).not.toContain("failed");
  expect((await rows()).map(({ nonce }) => nonce)).toEqual([0, 1, 2, 1]);
});

test("RESP-08: bytes with much more gas are raised to no more than the sender has for all of it", async () => {
  const { node, rows, rise, addSecond } = await behindPause("active", 3_000_000n);
  node.estimate = 75_000n;
  rise();
  addSecond();
  await soon(() => node.priceAt(0) > node.baseFee).toBe(true);
  for (const { raw, state } of await rows()) {
    const { gas = 0n, maxFeePerGas = 0n } = parseTransaction(raw as Hex);
    expect([state, gas * maxFeePerGas <= node.balance]).toEqual(["sent", true]);
  }
});

test("RESP-09: bytes before a pause that a block takes as they are stay as they are", async () => {
  const { node, rows, addSecond } = await behindPause("active");
  addSecond();
  await soon(() => node.pooled(1)).toBeDefined();
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect((await rows()).map(({ nonce }) => nonce)).toEqual([0, 1]);
});
