import { wadFromDecimalsDown } from "../math/wadFromDecimals.ts";

/** The line above which a share price is taken for a donation: `startWad` at `startedAt`, and its growth in 365 days. */
export interface GrowthLine {
  readonly startWad: bigint;
  /** Unix seconds. */
  readonly startedAt: bigint;
  /** In 1/10,000 of `startWad`. */
  readonly maxGrowthBps: bigint;
}

const year = 365n * 86_400n;

/** The highest share price in WAD that is taken at `now`, rounded down: growth is in proportion to time, not compound. */
export function growthLineDown({ startWad, startedAt, maxGrowthBps }: GrowthLine, now: bigint): bigint {
  return (startWad * (10_000n * year + maxGrowthBps * (now - startedAt))) / (10_000n * year);
}

/**
 * The price of a vault's share in WAD at `now` from what `assets` (of `decimals`) a whole share converts to; zero, which is
 * no price, above the line (ORACLE-10). The same as ERC4626Adapter.read.
 */
export function sharePriceDown(assets: bigint, decimals: bigint, line: GrowthLine, now: bigint): bigint {
  const wad = wadFromDecimalsDown(assets, decimals);
  return wad > growthLineDown(line, now) ? 0n : wad;
}
