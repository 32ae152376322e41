// Pauses that somebody else puts in force: anybody can send what guardians have signed. Our own bytes may be with nobody then.
import type { RpcCall } from "@testudo/chain/rpc/rpcEndpoint";
import type { Action } from "@testudo/core/model/Action";
import type { ActionState } from "@testudo/core/model/ActionStatus";
import type { Hex } from "@testudo/core/model/Hex";
import { openDraft } from "@testudo/core/model/Memory";
import type { Commit } from "@testudo/core/model/Output";
import { writeCase } from "@testudo/core/pipeline/Case";
import { keccak256, parseTransaction, toHex } from "viem/utils";
import { afterEach, expect, test } from "vitest";
import { localSigner } from "../../keystore/localSigner.ts";
import { listTransactions, markTransaction } from "../../store/leaseNonce.ts";
import type { Store } from "../../store/Store.ts";
import { verifyStore } from "../../store/verifyStore.ts";
import { dropEnded } from "./dropEnded.ts";
import {
  chainId,
  Late,
  openPoolNode,
  orderOf,
  type PoolNode,
  refused,
  ruleOrderOf,
  sendingTo,
} from "./pool.testkit.ts";
import { openSender } from "./sender.ts";
import { sendFixture, soon } from "./sendFixture.testkit.ts";

const { fixture, closers } = await sendFixture();

const isSent = ({ method }: { readonly method: string }) => method === "eth_sendRawTransaction";
const nonceOf = ({ params }: RpcCall) => parseTransaction(params[0] as Hex).nonce ?? 0;
const full: PoolNode["lie"] = (call) => (isSent(call) ? refused("txpool is full") : undefined);
const looks = (count: number) => new Promise((resolve) => setTimeout(resolve, count * 40));
const [first, second, third] = [orderOf("first"), orderOf("second"), orderOf("third")];

let stores: Store[] = [];
afterEach(async () => {
  for (const store of stores) expect((await verifyStore(store)).fault).toBeUndefined();
  stores = [];
});

/** A sender to `nodes`. */
async function open(nodes: readonly PoolNode[], store?: Store) {
  const sending = sendingTo(store ?? (await fixture.empty()), nodes);
  stores.push(sending.options.store);
  const sender = openSender(sending.options);
  const close = async () => {
    sending.stop.abort();
    await sender.close();
  };
  closers.push(close);
  const become = ({ action }: typeof first, ...states: ActionState[]) => {
    for (const state of states)
      sender.onStored({ records: [{ kind: "ActionStatus", action: action.id, state }] } as unknown as Commit);
  };
  // A machine that is slow enough has fees raised meanwhile.
  const rowsOf = async ({ action }: typeof first) => {
    const own = (await sending.rows()).filter((row) => row.action === action.id);
    return [...new Map(own.map(({ nonce, state }) => [`${nonce} ${state}`, [nonce, state]])).values()];
  };
  return { ...sending, sender, become, close, rowsOf };
}

/** The same to one node that refused the first pause's bytes and takes any by now; others have put that pause in force. */
async function inForce() {
  const node = openPoolNode("node");
  const sending = await open([node]);
  node.lie = full;
  sending.sender.add(first);
  await soon(sending.states).toContain("dropped");
  sending.become(first, "active");
  await soon(() => sending.rowsOf(first)).toEqual([[0, "freed"]]);
  node.lie = () => undefined;
  return { node, ...sending };
}

/** What is known of `action` as a watch starts. */
function casesOf(action: Action, state: ActionState) {
  const cases = openDraft(new Map());
  writeCase(cases, "action", action.id, { action, state, sequence: 0, approvals: [] });
  return cases;
}

test("RESP-08: bytes that were given to nobody keep no later pause waiting while others have theirs in force", async () => {
  const { node, sender, rowsOf } = await inForce();
  sender.add(second);
  await soon(() => node.pooled(0)).toBeDefined();
  expect([await rowsOf(first), await rowsOf(second)]).toEqual([[[0, "freed"]], [[0, "sent"]]]);
});

test("RESP-08: a pause that waits behind them already moves up", async () => {
  const node = openPoolNode("node");
  const { sender, become, rowsOf } = await open([node]);
  node.lie = full;
  sender.add(first);
  await soon(() => rowsOf(first)).toEqual([[0, "stored"]]);
  sender.add(second);
  await soon(() => rowsOf(second)).toEqual([[1, "stored"]]);
  node.lie = () => undefined;
  become(first, "active");
  await soon(() => node.pooled(0)).toBeDefined();
});

test("RESP-10: a pause that others had put in force is sent where a reorg takes its block, and again after that", async () => {
  const { node, sender, states, become, rowsOf } = await inForce();
  for (let i = 0; i < 2; i++) {
    sender.add(first);
    await soon(() => node.pooled(0)).toBeDefined();
    become(first, "active");
    node.forget();
  }
  expect(states()).not.toContain("killed");
  expect(await rowsOf(first)).toEqual([[0, "sent"]]);
});

test("RESP-10: one whose nonce a later pause has by then gets the next, and neither has two", async () => {
  const { node, sender, states, rowsOf } = await inForce();
  sender.add(second);
  await soon(() => node.pooled(0)).toBeDefined();
  sender.add(first);
  await soon(() => node.pooled(1)).toBeDefined();
  await looks(10);
  expect(states()).not.toContain("killed");
  expect([await rowsOf(first), await rowsOf(second)]).toEqual([
    [
      [0, "freed"],
      [1, "sent"],
    ],
    [[0, "sent"]],
  ]);
});

test("RESP-10: one whose nonce a block has used for a later pause gets the next at once, of a node that is behind too", async () => {
  const { node, sender, rowsOf, options } = await inForce();
  sender.add(second);
  await soon(() => node.pooled(0)).toBeDefined();
  const { hash } = (await listTransactions(options.store, second.action.id))[0]!;
  await markTransaction(options.store, hash, "included");
  node.forget();
  node.mined = 0;
  sender.add(first);
  await soon(() => node.pooled(1)).toBeDefined();
  expect((await rowsOf(first)).at(-1)).toEqual([1, "sent"]);
});

test.each(["killed", "expired"] as const)(
  "RESP-07: of one that is %s after that nothing is signed or given out",
  async (state) => {
    const { node, sender, become, rowsOf, place } = await inForce();
    if (state === "killed") place.mode = "killed";
    else become(first, state);
    sender.add(first);
    await looks(10);
    expect(node.taken).toEqual([]);
    await soon(() => rowsOf(first)).toEqual([[0, state === "killed" ? "freed" : "lost"]]);
  },
);

test("RESP-08: what a watch that died left is freed where others' is seen before its order is run, and is sent after a reorg", async () => {
  const node = openPoolNode("node");
  const store = await fixture.empty();
  node.lie = full;
  const before = await open([node], store);
  before.sender.add(first);
  await soon(before.states).toContain("dropped");
  await before.close();
  const { become, sender, rowsOf } = await open([node], store);
  node.lie = () => undefined;
  // A reorg right after that does not outrun it.
  become(first, "active");
  sender.add(first);
  await soon(() => node.pooled(0)).toBeDefined();
  expect(await rowsOf(first)).toEqual([[0, "sent"]]);
});

test("RESP-10: one that is out for one nonce, and was signed anew for another before others had it in force, goes on with what is out", async () => {
  const node = openPoolNode("node");
  const { sender, become, rowsOf } = await open([node]);
  sender.add(first);
  await soon(() => node.pooled(0)).toBeDefined();
  // Another program has the same key, and the node refuses from here on.
  node.forget();
  node.mined = 3;
  node.lie = (call) => (isSent(call) && nonceOf(call) > 0 ? refused("txpool is full") : undefined);
  await soon(() => rowsOf(first)).toEqual([
    [0, "sent"],
    [3, "stored"],
  ]);
  become(first, "active");
  await soon(() => rowsOf(first)).toEqual([
    [0, "sent"],
    [3, "freed"],
  ]);
  // A reorg takes what the other program had sent, too.
  node.mined = 0;
  sender.add(first);
  await soon(() => node.pooled(0)).toBeDefined();
  node.lie = () => undefined;
  await looks(10);
  expect((await rowsOf(first)).map(([nonce]) => nonce)).toEqual([0, 3]);
});

test("RESP-07: of one whose deadline passed while it was in force nothing is signed or given out after a reorg", async () => {
  const { node, sender, states, place } = await inForce();
  place.timestamp = first.action.deadline + 1n;
  sender.add(first);
  await soon(states).toContain("stale");
  expect(node.taken).toEqual([]);
});

test("RESP-08: what may be out keeps its nonce while others have the pause in force: the later one takes the next", async () => {
  const node = openPoolNode("node");
  const { sender, become, rowsOf } = await open([node]);
  let given = 0;
  node.lie = (call) => {
    if (!isSent(call)) return undefined;
    given += 1;
    return new Late();
  };
  sender.add(first);
  await soon(() => given).toBeGreaterThan(1);
  become(first, "active");
  node.lie = () => undefined;
  sender.add(second);
  // It is given out before it.
  await soon(() => [node.pooled(0), node.pooled(1)]).not.toContain(undefined);
  expect([await rowsOf(first), await rowsOf(second)]).toEqual([[[0, "sent"]], [[1, "sent"]]]);
});

test("RESP-10: what is out as its pause is seen in force is told to have left, and of what never left nothing is told", async () => {
  const { states } = await inForce();
  await looks(3);
  expect(states()).not.toContain("broadcast");
  const node = openPoolNode("node");
  const out = await open([node]);
  // Its block is judged before the node has answered.
  let answer: ((truth: undefined) => void) | undefined;
  const later = new Promise<undefined>((resolve) => {
    answer = resolve;
  });
  let isAsked = false;
  node.lie = (call) => {
    isAsked ||= isSent(call);
    return isSent(call) ? later : undefined;
  };
  out.sender.add(first);
  await soon(() => isAsked).toBe(true);
  out.become(first, "active");
  answer!(undefined);
  await soon(out.states).toContain("broadcast");
});

test("RESP-08: while the pause of one key is in force bytes of another key, and of another pause, stay as they are", async () => {
  const { node, sender, become, rowsOf, options } = await inForce();
  const other = openSender({ ...options, signer: localSigner(keccak256(toHex("another"))) });
  closers.unshift(() => other.close());
  node.lie = full;
  sender.add(second);
  other.add(third);
  for (const order of [second, third]) await soon(() => rowsOf(order)).toEqual([[0, "stored"]]);
  become(first, "active");
  await looks(5);
  for (const order of [second, third]) await soon(() => rowsOf(order)).toEqual([[0, "stored"]]);
});

test.each([
  ["active", "pause", "freed"],
  ["expired", "pause", "lost"],
  ["broadcast", "pause", "stored"],
  // Our own key has set it, and nobody would refuse it the second time.
  ["active", "rule", "stored"],
] as const)(
  "RESP-08: a watch that died before has bytes that never left, of what is %s, a %s, as %s",
  async (state, what, kept) => {
    const node = openPoolNode("node");
    const store = await fixture.empty();
    const order = what === "pause" ? first : ruleOrderOf("first");
    node.lie = full;
    const before = await open([node], store);
    before.sender.add(order);
    await soon(before.states).toContain("dropped");
    await before.close();
    await dropEnded(store, chainId, casesOf(order.action, state));
    expect(await before.rowsOf(order)).toEqual([[0, kept]]);
  },
);
