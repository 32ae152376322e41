import type { Hex } from "./Hex.ts";
import type { RecordBase } from "./Record.ts";

export type ChainStatus = "predicted" | "pending" | "confirmed" | "retracted" | "expired";
export const workStatuses = ["open", "acknowledged", "resolved"] as const;
export type WorkStatus = (typeof workStatuses)[number];
export type Resolution = (typeof resolutions)[number] | "retracted";

/** What people settle a finding as. */
export const resolutions = ["true-positive", "false-positive", "benign", "duplicate"] as const;

/** A change of a finding's status. The current status is the last one of the finding. */
export interface FindingStatus extends RecordBase {
  readonly kind: "FindingStatus";
  readonly finding: Hex;
  readonly transition:
    | "raised"
    /** A pending transaction would do it. */
    | "predicted"
    /** What was predicted is in a block. */
    | "included"
    /** What was predicted did not come, and is not waited for any more. */
    | "expired"
    | "repeated"
    | "confirmed"
    | "retracted"
    | "raised-again"
    | "relocated"
    | "acknowledged"
    | "resolved";
  readonly chain: ChainStatus;
  readonly work: WorkStatus;
  readonly resolution?: Resolution;
  /** Who, for a person's act. */
  readonly actor?: string;
  /** Why, in that person's words. */
  readonly note?: string;
  /** He showed a token of his own. */
  readonly isProved?: true;
  /** The finding that says it from now on, where this one was predicted: a graver prediction, or that of the block. */
  readonly goesOnAs?: Hex;
  /** Counts the transitions of one dedupKey, so that each has an identity of its own (FIND-02). */
  readonly sequence: number;
  readonly blockNumber: bigint;
  readonly blockHash: Hex;
}
