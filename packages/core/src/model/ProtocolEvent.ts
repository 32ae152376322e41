import type { Address } from "./Hex.ts";

interface EventBase {
  /** The market's name in its adapter. */
  readonly market: string;
  /** Whose position, collateral or debt it is; not who sent the transaction. */
  readonly account: Address;
  readonly logIndex: number;
}

/** A fill. `size` in WAD of the instrument, positive bought; `price` in WAD of the quote for one, never negative. */
export interface Trade extends EventBase {
  readonly kind: "trade";
  readonly size: bigint;
  readonly price: bigint;
  /** Why it happened: the account's own will, an auto-deleveraging, the settlement at expiry, or others' trades with its order. */
  readonly role: "taker" | "liquidation" | "deleverage" | "settlement" | "maker";
  /** The other side, where the protocol names one; a pool names none. */
  readonly counterparty?: Address;
}

/** A maker's order over a range of prices (WAD); `liquidity` in the pool's unit, negative when taken away. */
export interface Quote extends EventBase {
  readonly kind: "quote";
  readonly lower: bigint;
  readonly upper: bigint;
  readonly liquidity: bigint;
}

/** Security given (positive) or taken back, in WAD of its own token. `by` = who paid or asked, where it is another. */
export interface CollateralMove extends EventBase {
  readonly kind: "collateral";
  readonly amount: bigint;
  readonly by?: Address;
}

/** Borrowed (positive) or repaid, in WAD of the quote. */
export interface DebtMove extends EventBase {
  readonly kind: "debt";
  readonly amount: bigint;
  readonly by?: Address;
}

/** Somebody's position taken over by force: `notional` in WAD of the quote at the price it was done at. */
export interface Liquidation extends EventBase {
  readonly kind: "liquidation";
  readonly by: Address;
  readonly notional: bigint;
}

/** What a protocol's logs say happened to accounts, in one language for all protocols. */
export type ProtocolEvent = Trade | Quote | CollateralMove | DebtMove | Liquidation;
