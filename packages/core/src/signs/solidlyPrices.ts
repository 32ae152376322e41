import { logOf } from "../math/ratio.ts";

type Reserves = readonly [bigint, bigint];

/**
 * The logarithms of a Solidly pool's price before and after a swap, if the pool is a stable one: x³y + xy³ = k, with
 * both tokens in the same unit. Its events do not say so, nor how many decimals its tokens have. The decimals follow
 * from both points lying on one curve: c² = (x₁³y₁ − x₀³y₀) / (x₀y₀³ − x₁y₁³) is a power of ten squared. Undefined
 * where x · y changed less than k did, which is an ordinary pool, or one that was given something.
 */
export function solidlyPrices(before: Reserves, after: Reserves): readonly [number, number] | undefined {
  const scale = scaleOf(before, after);
  if (scale === undefined) return undefined;
  const [stable, ordinary] = [curveOf(scale), ([x, y]: Reserves) => logOf(x) + logOf(y)].map((k) =>
    Math.abs(k!(after) - k!(before)),
  );
  return stable! < ordinary! ? [priceAt(before, scale), priceAt(after, scale)] : undefined;
}

/** ln(c), by which token1 is brought to the unit of token0, to the nearest power of ten. */
function scaleOf([x0, y0]: Reserves, [x1, y1]: Reserves): number | undefined {
  const [above, below] = [x1 ** 3n * y1 - x0 ** 3n * y0, x0 * y0 ** 3n - x1 * y1 ** 3n];
  if (above === 0n || below === 0n || above > 0n !== below > 0n) return undefined;
  const ln = (logOf(above < 0n ? -above : above) - logOf(below < 0n ? -below : below)) / 2;
  return Math.round(ln / Math.LN10) * Math.LN10;
}

// In logarithms u = ln x, v = ln(c·y): k = x·y·(x² + y²), dy/dx = y·(3x² + y²) / (x·(x² + 3y²)).
function curveOf(scale: number): (reserves: Reserves) => number {
  return ([x, y]) => {
    const [u, v] = [logOf(x), logOf(y) + scale];
    return u + v + logSum(2 * u, 2 * v);
  };
}

function priceAt([x, y]: Reserves, scale: number): number {
  const [u, v] = [logOf(x), logOf(y) + scale];
  const ln3 = Math.log(3);
  return v - u + logSum(ln3 + 2 * u, 2 * v) - logSum(2 * u, ln3 + 2 * v) - scale;
}

/** ln(e^a + e^b). */
function logSum(a: number, b: number): number {
  const top = Math.max(a, b);
  return top + Math.log(Math.exp(a - top) + Math.exp(b - top));
}
