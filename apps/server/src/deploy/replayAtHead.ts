import { type ForkCall, type ForkResult, openFork } from "@testudo/chain/fork/forkAt";
import type { BlockRef } from "@testudo/core/model/BlockBundle";
import { type Chain, headBlock } from "./openChain.ts";

/**
 * Runs the calls that `callsAt` makes for the newest block on a private copy of the chain, one after the other, and
 * forgets what they did. Throws what the node or the copy throws.
 */
export async function replayAtHead(
  { endpoint }: Chain,
  callsAt: (head: BlockRef) => readonly ForkCall[],
): Promise<readonly ForkResult[]> {
  const head = await headBlock(endpoint);
  const fork = openFork([endpoint]);
  try {
    return await fork.replay(head, callsAt(head));
  } finally {
    await fork.stop();
  }
}
