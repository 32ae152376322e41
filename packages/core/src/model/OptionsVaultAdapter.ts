import type { MarketState, ProtocolAdapter, TradingTerms } from "./ProtocolAdapter.ts";

/** A series of options that a vault has written: `price` is the underlying's, by the vault's own oracle. */
export interface OptionsMarket extends MarketState {
  readonly strike: bigint;
  /** Unix seconds. */
  readonly expiry: bigint;
  /** The block's time, for what the option is still worth. */
  readonly now: bigint;
  /** Options that holders have. */
  readonly outstanding: bigint;
}

/** A vault that writes options against deposits. `optionsDetectors(adapter)` gives 7, 11 and 13. The vault is an account of its own. */
export interface OptionsVaultAdapter extends ProtocolAdapter<OptionsMarket> {
  readonly kind: "options";
  readonly terms: TradingTerms;
}
