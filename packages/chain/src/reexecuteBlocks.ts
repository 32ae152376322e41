import type { Log } from "@testudo/core/model/BlockBundle";
import { BlockUnknown } from "./BlockUnknown.ts";
import type { Block } from "./parseBlock.ts";
import type { Reexecuted, Reexecution } from "./Reexecution.ts";
import { RpcMalformed, RpcRefused, RpcUnreachable } from "./RpcError.ts";
import type { Endpoint } from "./rpcEndpoint.ts";
import type { BlockTraces } from "./traceBlocks.ts";

// A node that has no state of the block before, or answers too slowly for it, is not asked for thousands of words again
// with the next block: the stream of blocks itself has to come from it.
const REST_MS = 30_000;

const resting = new WeakMap<Endpoint, number>();

/**
 * `found`, with the call trees of the blocks that have none and are to be executed again (STREAM-07). `logs` are those of each block.
 * Whatever fails on the way leaves a block without trees; it never throws.
 */
export async function reexecuteBlocks(
  endpoint: Endpoint,
  blocks: readonly Block[],
  found: readonly (BlockTraces | undefined)[],
  logs: readonly (readonly Log[])[],
  { execute, from, onFailed }: Reexecution,
): Promise<(BlockTraces | undefined)[]> {
  const all = [...found];
  // One after the other: each asks the node for more than all the rest of a block together.
  for (const [i, block] of blocks.entries()) {
    if (all[i] !== undefined || block.ref.number < from || isResting(endpoint)) continue;
    const made = await execute(endpoint, block, logs[i]!).catch(failedBy);
    if ("traces" in made) all[i] = { traces: made.traces, source: "re-execution" };
    else {
      if (made.isOfBlock !== true) resting.set(endpoint, Date.now() + REST_MS);
      onFailed?.(block.ref.number, made.why);
    }
  }
  return all;
}

function isResting(endpoint: Endpoint): boolean {
  return (resting.get(endpoint) ?? 0) > Date.now();
}

// Whatever goes wrong in an engine that runs what strangers sent costs this block its call trees, and no more.
function failedBy(error: unknown): Reexecuted {
  const [why = "it failed"] = (error instanceof Error ? error.message : String(error)).split("\n");
  return { why, isOfBlock: !isOfNode(error) };
}

function isOfNode(error: unknown): boolean {
  return [RpcUnreachable, RpcRefused, RpcMalformed, BlockUnknown].some((kind) => error instanceof kind);
}
