import type { Address } from "./Hex.ts";

/** `native`, an ERC-20 token's address, or `<token>:<id>` for an ERC-721 or ERC-1155 id. */
export type Asset = string;

/**
 * Net movement of assets in one transaction: address → asset → signed amount in the asset's smallest unit.
 * Positive = received. Gas fees are not in it.
 */
export interface AssetFlow {
  readonly net: ReadonlyMap<Address, ReadonlyMap<Asset, bigint>>;
  /** Where the figures come from: logs and native value, or calldata where there are no logs. */
  readonly source: "logs" | "calldata";
  /** Assets whose figures do not add up to minted minus burned (fee on transfer, rebase, forged event; ASSET-03). */
  readonly unbalanced: ReadonlySet<Asset>;
}
