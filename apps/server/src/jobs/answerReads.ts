import type { StateReader } from "@testudo/chain/readState";
import type { BlockRef } from "@testudo/core/model/BlockBundle";
import type { Input } from "@testudo/core/model/Input";
import type { StateAnswer, StateRead } from "@testudo/core/model/StateRead";

const firstRetryMs = 100;
const longestRetryMs = 2_000;
const giveUpMs = 60_000;

/** What answering needs. */
export interface AnswerOptions {
  readonly reader: StateReader;
  readonly tell: (input: Input) => void;
  /** Whether the chain has another block at that height by now. What cannot be found out is no. */
  readonly isOrphaned: (ref: BlockRef) => Promise<boolean>;
  readonly signal: AbortSignal;
}

/**
 * Answers reads at a block's hash, trying again while nodes are away. The state of an orphaned block is gone for good, and
 * what replaced it waits behind this one: its reads are answered as unavailable at once, and the reorg that follows takes
 * the judgement back. State that stays away for a minute for another reason is told as trouble.
 */
export function answerReads(
  options: AnswerOptions,
): (ref: BlockRef, reads: readonly StateRead[]) => Promise<readonly StateAnswer[]> {
  const { reader, tell, isOrphaned, signal } = options;
  let isAway = false;
  return async (ref, reads) => {
    const since = Date.now();
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
        if (Date.now() - since > giveUpMs) {
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
