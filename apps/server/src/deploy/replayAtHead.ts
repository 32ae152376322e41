import { type ForkCall, type ForkResult, openFork } from "@testudo/chain/forkAt";
import type { BlockRef } from "@testudo/core/model/BlockBundle";
import type { Hex } from "@testudo/core/model/Hex";
import type { Chain } from "./openChain.ts";

/**
 * Runs the calls that `callsAt` makes for the newest block on a private copy of the chain, one after the other, and
 * forgets what they did. Throws what the node or the copy throws.
 */
export async function replayAtHead(
  { endpoint }: Chain,
  callsAt: (head: BlockRef) => readonly ForkCall[],
): Promise<readonly ForkResult[]> {
  const block = (await endpoint.request("eth_getBlockByNumber", ["latest", false])) as Record<string, Hex>;
  const head = {
    number: BigInt(block.number!),
    hash: block.hash!,
    parentHash: block.parentHash!,
    timestamp: BigInt(block.timestamp!),
  };
  const fork = openFork([endpoint]);
  try {
    return await fork.replay(head, callsAt(head));
  } finally {
    await fork.stop();
  }
}
