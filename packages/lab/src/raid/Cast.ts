import type { Address } from "@testudo/core/model/Hex";

/** Who plays. */
export interface Cast {
  /** Sends all transactions. */
  readonly owner: Address;
  readonly accounts: readonly Address[];
  /** Accounts, and behind them the keys. */
  readonly actors: readonly Address[];
  readonly appraiser: Address;
}
