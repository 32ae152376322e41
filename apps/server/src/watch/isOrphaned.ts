import { fetchBlock } from "@testudo/chain/block/fetchBundle";
import type { Endpoint } from "@testudo/chain/rpc/rpcEndpoint";
import type { BlockRef } from "@testudo/core/model/BlockBundle";

/** Whether a node has another block at the height of `ref` and none has `ref` itself. */
export async function isOrphaned(endpoints: readonly Endpoint[], ref: BlockRef): Promise<boolean> {
  const found = await Promise.all(
    endpoints.map((endpoint) =>
      fetchBlock(endpoint, ref.number, false).then(
        (block) => block.ref.hash,
        () => undefined,
      ),
    ),
  );
  return found.some((hash) => hash !== undefined) && !found.includes(ref.hash);
}
