import type { BlockBundle, BlockRef } from "./BlockBundle.ts";

/** Something the chain did, in order. A reorg names the last common block and what fell away, newest first. */
export type ChainEvent =
  | {
      readonly kind: "block";
      readonly bundle: BlockBundle;
      readonly phase: "history" | "live";
      readonly receivedAtMs: number;
    }
  | { readonly kind: "reorg"; readonly ancestor: BlockRef; readonly orphaned: readonly BlockRef[] }
  | { readonly kind: "finalize"; readonly tag: "safe" | "finalized"; readonly ref: BlockRef };

/** Something the stream noticed about its own sources; becomes a finding of the self-health detector. */
export interface StreamTrouble {
  readonly kind: "trouble";
  readonly trouble:
    | "endpoint-down"
    | "endpoint-disagrees"
    | "endpoint-lags"
    /** A socket that tells of new heads is gone, or tells of none; they are asked for meanwhile. */
    | "heads-lost"
    | "no-block"
    | "deep-reorg"
    | "block-lag"
    | "scope-degraded"
    /** A notice that its channel did not take within its time. */
    | "dead-letter"
    /** State of a block that no node would give. */
    | "state-unread"
    /** What stands on chain is not what its deployment file says. */
    | "deployment-drift"
    /** That could not be looked at. */
    | "deployment-unread"
    /** The configuration or its rules were edited and cannot be used; what stood before goes on. */
    | "rules-refused"
    /** A rule, the policy or a channel is another than at the last start, or the file changed while it ran. */
    | "config-edited"
    /** A report that waits in the data folder and cannot be taken. */
    | "report-unread"
    /** The thread of all detectors died, and its block is judged again in a new one. */
    | "thread-lost"
    /** The clock of this machine and a node's, or a block's, differ. */
    | "clock-skew"
    /** The receiver of the dead-man heartbeat did not take it. */
    | "heartbeat-missed"
    /** The other watch has not found what this one found. */
    | "peer-missed"
    /** The other watch cannot be asked. */
    | "peer-away"
    /** A node of another chain (`remotes`) gives no answer in time, fails, or is of yet another chain. */
    | "remote-unread"
    /** The private relay did not take signed bytes (RESP-12). */
    | "relay-failed"
    /** The policy's flag on the chain is on, by the word of one node at least (RESP-07). */
    | "flag-on"
    /** It cannot be read, and nothing is sent. */
    | "flag-unread"
    /** What detectors say of a branch that some nodes show and the stream does not follow, while no quorum says which is right. */
    | "branch-finding"
    /** Such a branch is not judged, or not as it should be. */
    | "branch-unjudged"
    | "recovered";
  readonly endpoint?: string;
  /** With `recovered`: which trouble is over; left out, all of that endpoint. */
  readonly over?: Exclude<StreamTrouble["trouble"], "recovered">;
  /**
   * True for what follows from what people are told or have done anyway, as that a dead node is behind: it is on record, and told to nobody
   * unless it comes again without this.
   */
  readonly quiet?: true;
  /** What happened, for a person. */
  readonly message: string;
  /**
   * True while no automatic action may be sent (STREAM-03, STREAM-05, RESP-11), over all troubles of the stream together.
   * Left out by those who know nothing of the stream.
   */
  readonly freeze?: boolean;
}

/** Where a stream goes on: the last block that was committed, or null to start at the head. */
export type Cursor = BlockRef | null;
