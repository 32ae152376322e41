// What the derivative detectors know of a protocol. One adapter a protocol serves all of them (CAT-02): it says what to
// read, what the answers mean, and what the logs mean. It is pure, holds addresses and nothing else, and keeps no state.
// Prices, sizes and money are bigint in WAD (10^18 = one whole unit of quote or base), whatever the token's decimals.
import type { Address } from "./Hex.ts";
import type { ProtocolEvent, Trade } from "./ProtocolEvent.ts";
import type { Query } from "./Query.ts";
import type { At } from "./StateRead.ts";
import type { TxView } from "./TxView.ts";

/** A market at one block. What a protocol does not have, or does not answer, is left out: a detector then skips that part. */
export interface MarketState {
  /** What the protocol values positions and collateral at. */
  readonly price: bigint;
  /** Where trades are done now, if that is another price, such as a pool's. */
  readonly traded?: bigint | undefined;
  /** A price that this protocol's own trades cannot move in a block: a lagged mean, another feed. */
  readonly reference?: bigint | undefined;
  /** Sizes held on either side; left out, they are summed over the accounts. */
  readonly long?: bigint | undefined;
  readonly short?: bigint | undefined;
  /** Notional that moves the price by 2 %. */
  readonly depth?: bigint | undefined;
  /** What stands ready to pay others' bad debt. */
  readonly fund?: bigint | undefined;
}

/** An account in one market at one block. */
export interface AccountState {
  /** What it has put up, unrealised gains and losses included; negative when it is insolvent. */
  readonly collateral: bigint;
  /** The least collateral before it may be liquidated; 0 without risk. */
  readonly required: bigint;
  /** What `collateral` and `required` move by when the price doubles, if they moved in a straight line. */
  readonly exposure: bigint;
  readonly requiredExposure: bigint;
  /** Signed size of the position; of a loan, the collateral in base. */
  readonly size: bigint;
  /** What was borrowed; 0 where nothing is lent. */
  readonly debt: bigint;
}

/** What all kinds have in common. `M` is the kind's own market. */
export interface ProtocolAdapter<M extends MarketState = MarketState> {
  /** Stands in keys and findings; one of its own for each adapter of a configuration. */
  readonly name: string;
  /** The protected address that findings are about. */
  readonly subject: Address;
  readonly markets: readonly string[];
  /** The market, or undefined where its price cannot be read. */
  market(market: string, at: At): Query<M | undefined>;
  account(market: string, account: Address, at: At): Query<AccountState | undefined>;
  /** What the transaction's logs say, in their order. Logs that are not this protocol's, or malformed, say nothing. */
  events(view: TxView): readonly ProtocolEvent[];
  /** What one unit of what was traded is worth, by a price that the trade itself did not make; undefined: not to be judged. */
  worth(trade: Trade, market: M): Worth | undefined;
}

/** A value, and what an advantage over it is a share of: the underlying's price, for an option may be worth next to nothing. */
export interface Worth {
  readonly value: bigint;
  readonly unit: bigint;
}

/** Half the distance between bid and ask is not in `worth`: what a trade pays besides, in basis points of the price. */
export interface TradingTerms {
  readonly feeBps: number;
}
