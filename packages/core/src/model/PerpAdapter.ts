import type { MarketState, ProtocolAdapter, TradingTerms } from "./ProtocolAdapter.ts";

/** Funding of a perpetual: who is the longer side pays. */
export interface FundingState {
  /** Share of the price that a long pays a day; WAD, negative when it is paid. */
  readonly rate: bigint;
  /** The most that `rate` may be. */
  readonly cap?: bigint | undefined;
  /** Notional of the skew at which the rate reaches its cap, where it follows the skew. */
  readonly scale?: bigint | undefined;
  /** What a long of one has paid since the beginning; WAD of the quote. */
  readonly cumulative?: bigint | undefined;
}

/** A perpetual's market at a block. */
export interface PerpMarket extends MarketState {
  readonly funding?: FundingState | undefined;
  /** Unix seconds up to which `funding.cumulative` is brought. */
  readonly accruedAt?: bigint | undefined;
}

/** Between what `cumulative` may have moved by; WAD of the quote for one base. */
export interface FundingBounds {
  readonly least: bigint;
  readonly most: bigint;
}

/**
 * A perpetual-futures protocol. Its fundamental state: positions, mark, index, open interest, funding, fund, margin rule.
 * A user writes `perpDetectors(curieAdapter({ … }))` and has detectors 7 and 9 to 13.
 */
export interface PerpAdapter extends ProtocolAdapter<PerpMarket> {
  readonly kind: "perp";
  readonly terms: TradingTerms;
  /** What funding may have come to between two blocks by the protocol's own formula; left out where it cannot be known. */
  fundingBounds?(market: string, before: PerpMarket, after: PerpMarket): FundingBounds | undefined;
}
