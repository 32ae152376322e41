/** How a time-weighted average is taken: Uniswap v2 sums prices, v3 and v4 logarithms of prices. */
export type Mean = "arithmetic" | "geometric";

/** `manipulated` of the `blocks` of a window have one bent price, all others `price`; the mean is to be `target`. */
export interface WantedMean {
  readonly price: number;
  readonly target: number;
  readonly blocks: number;
  readonly manipulated: number;
}

/**
 * The spot price that bends the mean to its target: q = (A^n / p^(n-m))^(1/m), or q = (n A - (n-m) p) / m. Infinity where
 * it is beyond floats; zero or below where no price is low enough.
 */
export function spotForMean(mean: Mean, { price, target, blocks, manipulated }: WantedMean): number {
  return mean === "geometric"
    ? price * Math.exp((blocks * Math.log(target / price)) / manipulated)
    : price + (blocks * (target - price)) / manipulated;
}
