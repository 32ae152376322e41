// Two nodes of one chain that part at a block, and a watch over both.

import { type FaultyNode, serveCalls } from "@testudo/chain/testkit/faultyNode.testkit";
import type { Hex } from "@testudo/core/model/Hex";
import {
  makeFolder,
  openTill,
  type TillWatch,
  type TillWatchOptions,
  type TillWorld,
  watchTill,
} from "./till.testkit.ts";

export interface Twins {
  /** The node that stands first: where a vote is even, its blocks are taken. */
  readonly followed: TillWorld;
  readonly other: TillWorld;
  /** The way from the watch to the other node. While `state.isHonest`, the followed one answers there. */
  readonly door: FaultyNode;
  readonly state: {
    isHonest: boolean;
    /** Whether the other node offers no call trees. */
    isBlind: boolean;
  };
  /** The last block that both have, once they differ. */
  readonly fork: number;
  /** Makes blocks on both. */
  mine(blocks?: number): Promise<number>;
  /** Has the next blocks of the two differ, by a transaction that the followed one alone has. */
  part(): Promise<void>;
  /** Takes one of them back to the fork, and gives it what makes it the same as the other. */
  rewind(world: TillWorld): Promise<void>;
  /** Starts a watch, in a folder of its own where none is named. */
  watch(options?: TillWatchOptions, folder?: string): Promise<TillWatch>;
  close(): Promise<void>;
}

/** A block as its node tells it. */
export async function blockOf({ endpoint }: TillWorld, number: number) {
  const block = await endpoint.request("eth_getBlockByNumber", [`0x${number.toString(16)}`, false]);
  return block as { readonly hash: Hex; readonly timestamp: Hex; readonly baseFeePerGas: Hex };
}

/** Opens two tills with the same blocks, on two nodes that know nothing of each other. */
export async function openTwins(): Promise<Twins> {
  const closers: (() => unknown)[] = [];
  const [followed, other] = await Promise.all([openTill(), openTill()]);
  const state = { isHonest: false, isBlind: false };
  const door = await serveCalls(async ({ method, params, id }) => {
    if (state.isBlind && /^(debug|trace)_/.test(method))
      return { jsonrpc: "2.0", id, error: { code: -32_601, message: "Method not found" } };
    const { endpoint } = state.isHonest ? followed : other;
    const [answer] = await endpoint.batch([{ method, params }]);
    if (answer!.ok) return { jsonrpc: "2.0", id, result: answer!.result };
    return { jsonrpc: "2.0", id, error: { code: -32_000, message: answer!.error.message } };
  });
  closers.push(followed.close, other.close, door.close);
  const mine = async (blocks = 1) => {
    const [head] = await Promise.all([followed.mine(blocks), other.mine(blocks)]);
    return head;
  };
  const fork = await mine(3);
  const snapshots = new Map<TillWorld, unknown>();
  for (const world of [followed, other]) snapshots.set(world, await world.endpoint.request("evm_snapshot"));
  const sendTo = async ({ endpoint }: TillWorld) => {
    const from = ((await endpoint.request("eth_accounts")) as string[])[6];
    await endpoint.request("eth_sendTransaction", [{ from, to: from, value: "0x1", gas: "0x5208" }]);
  };
  return {
    ...{ followed, other, door, state, fork, mine },
    part: () => sendTo(followed),
    async rewind(world) {
      await world.endpoint.request("evm_revert", [snapshots.get(world)]);
      // anvil goes on with the time and the base fee of what it gave up.
      const next = await blockOf(world === other ? followed : other, fork + 1);
      await world.endpoint.request("evm_setNextBlockTimestamp", [next.timestamp]);
      await world.endpoint.request("anvil_setNextBlockBaseFeePerGas", [next.baseFeePerGas]);
      if (world === other) await sendTo(other);
    },
    async watch(options = {}, folder) {
      const own = makeFolder();
      const rpc = [followed.rpcUrl, door.url];
      const watch = await watchTill(followed, folder ?? own.path, { rpc, quorum: 2, ...options });
      closers.push(own.remove, watch.stop);
      if (folder === undefined) await watch.until(() => watch.head() >= fork);
      return watch;
    },
    async close() {
      for (const close of closers.reverse()) await close();
    },
  };
}
