import type { Address } from "../model/Hex.ts";

/** A transaction of a contract: when, and the highest score that each detector gave it there. Absent: it did not fire. */
export interface ScoredTransaction {
  readonly timestamp: bigint;
  readonly scores: { readonly [detector: string]: number };
}

/** All transactions of one contract in a range, oldest first. */
export interface ScoreHistory {
  readonly subject: Address;
  readonly transactions: readonly ScoredTransaction[];
}
