import { fetchBlock } from "@testudo/chain/block/fetchBundle";
import type { Endpoint } from "@testudo/chain/rpc/rpcEndpoint";
import type { BlockRef } from "@testudo/core/model/BlockBundle";

/** The block before `fromBlock`: without a cursor the stream begins with the block after it. Throws what the last node said. */
export async function firstCursor(
  endpoints: readonly Endpoint[],
  fromBlock: bigint | undefined,
): Promise<BlockRef | null> {
  if (fromBlock === undefined) return null;
  let failure: unknown;
  for (const endpoint of endpoints)
    try {
      return (await fetchBlock(endpoint, fromBlock > 0n ? fromBlock - 1n : 0n, false)).ref;
    } catch (error) {
      failure = error;
    }
  throw failure;
}
