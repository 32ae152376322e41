/** The last tick either way: 1.0001^887,272 is just below 2^128 (Uniswap v3 core white paper, section 6.1). */
export const maxTick = 887_272n;

// A product of a power and a scale is a whole number only while 10,000^ticks, or 10,001^ticks, divides the scale.
const exactTicks = 64n;

/**
 * The price at `tick`, `scale` times 1.0001^tick, rounded down, exact to the last digit. The contract's TickPrice comes
 * within 2 units and a relative 1e-17 of it. Throws RangeError beyond the last tick, and for a scale below zero or of
 * more than 256 bits.
 *
 * @example tickPriceDown(1n, 10n ** 18n) // 1_000_100_000_000_000_000n
 */
export function tickPriceDown(tick: bigint, scale: bigint): bigint {
  const ticks = tick < 0n ? -tick : tick;
  if (ticks > maxTick) throw new RangeError(`Tick is ${tick}.\n- It may be ${-maxTick} to ${maxTick}.`);
  if (scale < 0n || scale >> 256n > 0n) throw new RangeError(`Scale is ${scale}.\n- It may be 0 to 2^256 - 1.`);
  const [above, below] = tick < 0n ? [10_000n, 10_001n] : [10_001n, 10_000n];
  if (ticks <= exactTicks) return (scale * above ** ticks) / below ** ticks;
  for (let bits = 512n; ; bits *= 2n) {
    const [low, high] = powerWithin(above, below, ticks, bits);
    const price = (scale * low) >> bits;
    if (price === (scale * high) >> bits) return price;
  }
}

/** Bounds of (above / below)^exponent, in fixed point of `bits`. */
function powerWithin(above: bigint, below: bigint, exponent: bigint, bits: bigint): readonly [bigint, bigint] {
  let [low, high] = [1n << bits, 1n << bits];
  let [squareLow, squareHigh] = [(above << bits) / below, (above << bits) / below + 1n];
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) [low, high] = [(low * squareLow) >> bits, ((high * squareHigh) >> bits) + 1n];
    [squareLow, squareHigh] = [(squareLow * squareLow) >> bits, ((squareHigh * squareHigh) >> bits) + 1n];
  }
  return [low, high];
}
