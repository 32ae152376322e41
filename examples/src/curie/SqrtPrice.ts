const q192 = 1n << 192n;
const wad = 10n ** 18n;

/** Uniswap's sqrtPriceX96 for a price in WAD (quote per base, both with 18 decimals), rounded down. */
export function sqrtPriceX96FromWad(priceWad: bigint): bigint {
  return sqrtDown((priceWad * q192) / wad);
}

/** The price in WAD for Uniswap's sqrtPriceX96, rounded down. */
export function priceWadFromSqrtX96(sqrtPriceX96: bigint): bigint {
  return (sqrtPriceX96 * sqrtPriceX96 * wad) / q192;
}

// Newton's method on integers: exact, where floating point would differ between engines and spoil the seed.
function sqrtDown(x: bigint): bigint {
  if (x < 2n) return x;
  let guess = 1n << BigInt((x.toString(2).length + 1) >> 1);
  for (;;) {
    const next = (guess + x / guess) >> 1n;
    if (next >= guess) return guess;
    guess = next;
  }
}
