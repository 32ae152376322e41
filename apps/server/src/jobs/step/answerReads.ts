import { type StateReader, StateUnavailable } from "@testudo/chain/state/readState";
import type { BlockRef } from "@testudo/core/model/BlockBundle";
import type { StreamTrouble } from "@testudo/core/model/ChainEvent";
import type { StateAnswer, StateRead } from "@testudo/core/model/StateRead";

const firstRetryMs = 100;
const longestRetryMs = 2_000;
const giveUpMs = 60_000;
// A node that has just seen a block may not have its state yet. This far below the head, it has it no more.
const lateBlocks = 8n;

/** What answering needs. */
export interface AnswerOptions {
  readonly reader: StateReader;
  readonly tell: (trouble: StreamTrouble) => void;
  /** Whether the chain has another block at that height by now. What cannot be found out is no. */
  readonly isOrphaned: (ref: BlockRef) => Promise<boolean>;
  /** The newest block, as far as known. */
  readonly head: () => bigint | undefined;
  readonly signal: AbortSignal;
}

/**
 * Answers reads at a block's hash, trying again while nodes are away. The state of an orphaned block is gone for good, and
 * what replaced it waits behind this one: its reads are answered as unavailable at once, and the reorg that follows takes
 * the judgement back. State that nodes have thrown away (most keep that of the newest 128 blocks) does not come back either.
 * That, and what stays away for a minute for another reason, is told as trouble, once until state is read again.
 */
export function answerReads(
  options: AnswerOptions,
): (ref: BlockRef, reads: readonly StateRead[]) => Promise<readonly StateAnswer[]> {
  const { reader, tell, isOrphaned, head, signal } = options;
  let isAway = false;
  return async (ref, reads) => {
    const since = performance.now();
    for (let waitMs = firstRetryMs; ; waitMs = Math.min(longestRetryMs, waitMs * 2)) {
      try {
        const answers = await reader.read(ref, reads);
        if (isAway)
          tell({
            kind: "trouble",
            trouble: "recovered",
            endpoint: "state",
            message: `State of block ${ref.number} is read again.`,
          });
        isAway = false;
        return answers;
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        const unavailable = () => reads.map((): StateAnswer => ({ ok: false, error: `unavailable: ${message}` }));
        if (signal.aborted || (await isOrphaned(ref))) return unavailable();
        const isGone = error instanceof StateUnavailable && (head() ?? 0n) - ref.number > lateBlocks;
        if (isGone || performance.now() - since > giveUpMs) {
          if (isAway) return unavailable();
          isAway = true;
          tell({
            kind: "trouble",
            trouble: "state-unread",
            endpoint: "state",
            message: `State of block ${ref.number} could not be read: ${message}`,
          });
          return unavailable();
        }
        await new Promise((resolve) => setTimeout(resolve, waitMs));
      }
    }
  };
}
