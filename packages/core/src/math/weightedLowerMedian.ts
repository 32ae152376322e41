/** A price with its time and weight; the order of fields is the order in which quotes sort. */
export interface Quote {
  readonly wad: bigint;
  readonly at: bigint;
  readonly weight: bigint;
}

/**
 * The first of `quotes`, sorted by price, whose cumulative weight times two reaches the total; undefined for none. Ties go
 * by time, then weight, so that the order given does not matter. As in `contracts/src/libraries/WeightedMedian.sol`.
 */
export function weightedLowerMedian(quotes: readonly Quote[]): Quote | undefined {
  const sorted = [...quotes].sort(compareQuotes);
  const total = sorted.reduce((sum, { weight }) => sum + weight, 0n);
  let sum = 0n;
  return sorted.find(({ weight }) => {
    sum += weight;
    return sum * 2n >= total;
  });
}

function compareQuotes(a: Quote, b: Quote): number {
  const difference = a.wad - b.wad || a.at - b.at || a.weight - b.weight;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}
