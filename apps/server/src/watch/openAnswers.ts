import { openFork } from "@testudo/chain/fork/forkAt";
import { simulateReads } from "@testudo/chain/fork/simulateReads";
import type { Endpoint } from "@testudo/chain/rpc/rpcEndpoint";
import type { StateReader } from "@testudo/chain/state/readState";
import { type RemoteNodes, remoteReads } from "@testudo/chain/state/remoteReads";
import type { StreamTrouble } from "@testudo/core/model/ChainEvent";
import { answerReads } from "../jobs/step/answerReads.ts";
import type { DriveOptions } from "../jobs/step/drive.ts";
import type { Executor } from "../reexecute/Executor.ts";
import { readAmongTxs } from "../reexecute/readAmongTxs.ts";
import { isOrphaned } from "./isOrphaned.ts";

/** Where answers come from. */
export interface AnswersOptions {
  /** Reads what `endpoints` give. */
  readonly reader: StateReader;
  readonly endpoints: readonly Endpoint[];
  /** Nodes of other chains. */
  readonly remotes: RemoteNodes;
  /** Executes blocks again, for state between their transactions. */
  readonly executor: Executor | undefined;
  /** The newest block, as far as known. */
  readonly head: () => bigint | undefined;
  readonly tell: (trouble: StreamTrouble) => void;
  readonly signal: AbortSignal;
}

/** Answers whatever detectors may ask of a block. */
export interface Answers {
  readonly answer: DriveOptions["answer"];
  close(): Promise<void>;
}

/** Opens them. A fork for what is to be tried starts with the first trial. */
export function openAnswers(options: AnswersOptions): Answers {
  const { reader, endpoints, remotes, executor, head, tell, signal } = options;
  const among =
    executor &&
    readAmongTxs(reader, {
      ...{ executor, endpoints },
      onChange: ({ number }, why) =>
        tell(amongTrouble("transactions", `State between the transactions of block ${number}`, why)),
      onCallsChange: ({ number }, why) => tell(amongTrouble("calls", `State between calls of block ${number}`, why)),
    });
  // One of its own: a trial of an action must not wait for what a detector tries, nor the other way round.
  const trials = openFork(endpoints);
  const answer = answerReads({
    reader: remoteReads(simulateReads(among ?? reader, trials), remotes, { tell }),
    ...{ tell, signal, head },
    isOrphaned: (ref) => isOrphaned(endpoints, ref),
  });
  return { answer, close: () => trials.stop() };
}

function amongTrouble(what: string, state: string, why: string | undefined): StreamTrouble {
  return {
    kind: "trouble",
    trouble: why === undefined ? "recovered" : "scope-degraded",
    endpoint: `among ${what}`,
    message: why === undefined ? `${state} is here again.` : `${state} is not, that around them stands for it: ${why}`,
  };
}
