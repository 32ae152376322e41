// Which nonces an action's bytes have, whatever one node of several says of them.
import { RpcUnreachable } from "@testudo/chain/rpc/RpcError";
import { expect, test } from "vitest";
import { dropUnsent, listOpenTransactions } from "../../store/leaseNonce.ts";
import { giveOut } from "./giveOut.ts";
import { leaseBytes } from "./leaseBytes.ts";
import { chainId, openPoolNode, orderOf, sendingTo } from "./pool.testkit.ts";
import type { Relay } from "./Relay.ts";
import { sendAction } from "./send.ts";
import { sendFixture, soon } from "./sendFixture.testkit.ts";

const { fixture, closers } = await sendFixture();

test.each(["0x1fffffffffffff", "0x1ffffffffffffe", "0xffffffffffff"])(
  "RESP-08: one of two nodes that once counts %s transactions of the sender keeps no later pause without a nonce",
  async (count) => {
    const [liar, honest] = [openPoolNode("liar"), openPoolNode("honest")];
    liar.lie = ({ method }) => (method === "eth_getTransactionCount" ? count : undefined);
    const store = await fixture.empty();
    const { options, stop } = sendingTo(store, [liar, honest]);
    const first = orderOf("first");
    await leaseBytes(options, first);
    await dropUnsent(store.db, first.action.id);
    liar.lie = () => undefined;
    const done = sendAction(options, orderOf("second"));
    closers.push(async () => {
      stop.abort();
      await done;
    });
    await soon(() => honest.pooled(0)).toBeDefined();
  },
);

test.each(["0x1fffffffffffff", "0x20000000000000", `0x${"f".repeat(64)}`])(
  "RESP-12: a node that is left alone and has the block %s for its newest leaves all bytes readable",
  async (height) => {
    const [liar, away] = [openPoolNode("liar"), openPoolNode("away")];
    liar.lie = ({ method }) => (method === "eth_blockNumber" ? height : undefined);
    away.lie = () => new RpcUnreachable("away", "ECONNREFUSED");
    const store = await fixture.empty();
    const { options } = sendingTo(store, [liar, away]);
    const relay: Relay = {
      terms: { name: "relay", publicAfterBlocks: 2 },
      offer: async () => ({ kind: "taken" }),
      close() {},
    };
    const { tx } = await leaseBytes(options, orderOf("pause"));
    await giveOut({ ...options, relay }, tx).catch(() => {});
    expect(await listOpenTransactions(store, chainId)).toHaveLength(1);
  },
);
