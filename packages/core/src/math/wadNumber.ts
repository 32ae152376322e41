/** A WAD (10^18 = 1) as a float: for statistics, never for money that is moved. */
export function wadNumber(wad: bigint): number {
  return Number(wad) / 1e18;
}
