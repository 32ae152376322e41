/** What an aggregator says of a market: price in WAD, its status, and the anchor of the jump window in WAD. */
export interface MorphoQuote {
  readonly wad: bigint;
  readonly status: "OK" | "DEGRADED" | "FALLBACK" | "HALTED";
  readonly anchorWad: bigint;
}

/**
 * What a price in WAD is multiplied by for Morpho Blue, which takes units of the loan token for a unit of collateral, times
 * 10^36. Undefined where the decimals are more than 18 apart: such markets are refused (ORACLE-11).
 */
export function morphoScale(loanDecimals: bigint, collateralDecimals: bigint): bigint | undefined {
  const apart = loanDecimals - collateralDecimals;
  return apart < -18n || apart > 18n ? undefined : 10n ** (18n + apart);
}

/**
 * The price that Morpho's market is told, exact; undefined where it is refused (ORACLE-12): it is not of now, or DEGRADED
 * and above the anchor by more than `maxRiseBps`.
 */
export function morphoPrice(quote: MorphoQuote, maxRiseBps: bigint, scale: bigint): bigint | undefined {
  const { wad, status, anchorWad } = quote;
  const risen = (wad - anchorWad) * 10_000n > anchorWad * maxRiseBps;
  if (status === "OK" || (status === "DEGRADED" && !risen)) return wad * scale;
  return undefined;
}
