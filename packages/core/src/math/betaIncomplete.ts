import { logGamma } from "./logGamma.ts";

const tiny = 1e-300;
const precision = 1e-15;
const mostTerms = 10_000;

/** The regularised incomplete beta function I_x(a, b) for 0 <= x <= 1 and a, b > 0: the chance that a Beta(a, b) is at most x. */
export function betaIncomplete(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x));
  // The continued fraction converges fast on its own side of the mean; the other side follows by symmetry.
  if (x < (a + 1) / (a + b + 2)) return (front * continued(x, a, b)) / a;
  return 1 - (front * continued(1 - x, b, a)) / b;
}

// Lentz' method on the fraction of Abramowitz and Stegun 26.5.8.
function continued(x: number, a: number, b: number): number {
  let c = 1;
  let d = 1 / nonZero(1 - ((a + b) * x) / (a + 1));
  let h = d;
  for (let m = 1; m <= mostTerms; m += 1) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / nonZero(1 + even * d);
    c = nonZero(1 + even / c);
    h *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / nonZero(1 + odd * d);
    c = nonZero(1 + odd / c);
    const step = d * c;
    h *= step;
    if (Math.abs(step - 1) < precision) break;
  }
  return h;
}

function nonZero(value: number): number {
  return Math.abs(value) < tiny ? tiny : value;
}
