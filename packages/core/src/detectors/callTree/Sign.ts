import type { Address } from "../../model/Hex.ts";

/** What a transaction's tree shows that honest business seldom shows. */
export type SignName =
  | "kept-gain"
  | "one-sided-loss"
  | "flash-loan"
  | "outsized-gain"
  | "round-trip"
  | "re-entry"
  | "repetition"
  | "helpers"
  | "construction"
  | "pool-resync"
  | "third-party"
  | "allowance"
  | "initialiser"
  | "siblings"
  | "flash-deposit"
  | "own-token"
  | "vanishing"
  | "acting-token"
  | "forged-callback"
  | "forced-spending"
  | "relayed-spending"
  | "emptied"
  | "foreign-code"
  | "lost-reserve"
  | "crushed-pool"
  | "unpaid-mint"
  | "over-issue"
  | "stale-read"
  | "self-transfer"
  | "identities"
  | "false-price"
  | "paid-entry"
  | "foreign-loan"
  | "disguise"
  | "churn"
  | "hollow-payment"
  | "own-oracle"
  | "told-amount"
  | "false-pool"
  | "foreign-exit"
  | "self-appointment"
  | "void-signature";

/** One sign with its weight, and whom it is about, the most affected first. */
export interface Sign {
  readonly name: SignName;
  readonly weight: number;
  readonly victims: readonly Address[];
  /** Figures that the weight rests on. */
  readonly count: number;
}
