import type { MarketState, ProtocolAdapter } from "./ProtocolAdapter.ts";

/** A loan market at a block: `price` is the collateral's in the loan's quote. */
export interface LendingMarket extends MarketState {
  /** Loan to value at which it liquidates; WAD. */
  readonly liquidationLtv: bigint;
  /** How much of the collateral token there is in the world; WAD. */
  readonly collateralSupply?: bigint | undefined;
}

/** A lending protocol: collateral and debt for each account, liquidation at a loan-to-value. `lendingDetectors(adapter)` gives 6, 7 and 9. */
export interface LendingAdapter extends ProtocolAdapter<LendingMarket> {
  readonly kind: "lending";
  /** Markets whose collateral is the protocol's own token, or a share in itself. */
  readonly ownCollateral: readonly string[];
}
