import { openFork } from "@testudo/chain/fork/forkAt";
import { simulateReads } from "@testudo/chain/fork/simulateReads";
import type { Endpoint } from "@testudo/chain/rpc/rpcEndpoint";
import { readAhead } from "@testudo/chain/state/readAhead";
import { openStateReader, StateUnavailable } from "@testudo/chain/state/readState";
import type { BlockRef } from "@testudo/core/model/BlockBundle";
import type { StateAnswer, StateRead } from "@testudo/core/model/StateRead";
import type { Executor } from "../../reexecute/Executor.ts";
import { readAmongTxs } from "../../reexecute/readAmongTxs.ts";

/** Answers what detectors ask about blocks of the past. */
export interface PastAnswers {
  answer(ref: BlockRef, reads: readonly StateRead[]): Promise<readonly StateAnswer[]>;
  /** Ends the fork, if there was one. */
  close(): Promise<void>;
}

/**
 * Reads at a block's hash, and tries on a fork of that block. What a node has thrown away is answered so: without an archive
 * the detectors say what they can. What another chain was at that time nobody can say: `remote` is answered as unsupported.
 * What was asked of one block is fetched ahead for those that `coming` names, next first. With `executor` blocks are executed
 * again for what is asked between their transactions.
 */
export function openPastAnswers(
  endpoints: readonly Endpoint[],
  coming: (count: number) => readonly BlockRef[],
  executor?: Executor,
): PastAnswers {
  const fork = openFork(endpoints);
  const plain = readAhead(openStateReader(endpoints), coming);
  const reader = simulateReads(executor ? readAmongTxs(plain, { executor, endpoints }) : plain, fork);
  return {
    async answer(ref, reads) {
      try {
        return await reader.read(ref, reads);
      } catch (error) {
        if (!(error instanceof StateUnavailable)) throw error;
        return reads.map((): StateAnswer => ({ ok: false, error: `unavailable: ${error.message}` }));
      }
    },
    close: () => fork.stop(),
  };
}
