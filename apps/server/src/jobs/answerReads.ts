import type { StateReader } from "@testudo/chain/readState";
import type { BlockRef } from "@testudo/core/model/BlockBundle";
import type { Input } from "@testudo/core/model/Input";
import type { StateAnswer, StateRead } from "@testudo/core/model/StateRead";

const firstRetryMs = 100;
const longestRetryMs = 2_000;
// A block that no node has any more was orphaned; the stream says so as soon as it may go on.
const giveUpMs = 60_000;

/**
 * Answers reads at a block's hash, trying again while nodes are away. State that stays away for a minute is answered as
 * unavailable and told as trouble: a block must not stand still for ever because it was orphaned meanwhile.
 */
export function answerReads(
  reader: StateReader,
  tell: (input: Input) => void,
  signal: AbortSignal,
): (ref: BlockRef, reads: readonly StateRead[]) => Promise<readonly StateAnswer[]> {
  return async (ref, reads) => {
    const since = Date.now();
    for (let waitMs = firstRetryMs; ; waitMs = Math.min(longestRetryMs, waitMs * 2)) {
      try {
        return await reader.read(ref, reads);
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        if (signal.aborted || Date.now() - since > giveUpMs) {
          if (!signal.aborted)
            tell({ kind: "trouble", trouble: "scope-degraded", endpoint: "state", message: `State of block ${ref.number} could not be read: ${message}`, freeze: false });
          return reads.map(() => ({ ok: false, error: `unavailable: ${message}` }));
        }
        await new Promise((resolve) => setTimeout(resolve, waitMs));
      }
    }
  };
}
