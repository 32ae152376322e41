import { lnGamma } from "./incompleteBeta.ts";

const tiny = 1e-300;
const precision = 1e-15;
const mostTerms = 10_000;

/** The regularised upper incomplete gamma function Q(a, x) for a > 0 and x >= 0. Exact in its tail, where 1 - P would be 0. */
export function gammaUpper(a: number, x: number): number {
  if (x <= 0) return 1;
  const front = Math.exp(a * Math.log(x) - x - lnGamma(a));
  return x < a + 1 ? 1 - front * series(a, x) : front * fraction(a, x);
}

function series(a: number, x: number): number {
  let term = 1 / a;
  let sum = term;
  for (let n = 1; n <= mostTerms; n += 1) {
    term *= x / (a + n);
    sum += term;
    if (term < sum * precision) break;
  }
  return sum;
}

// Lentz' method on the fraction of Abramowitz and Stegun 6.5.31.
function fraction(a: number, x: number): number {
  let b = x + 1 - a;
  let c = 1 / tiny;
  let d = 1 / b;
  let h = d;
  for (let n = 1; n <= mostTerms; n += 1) {
    const an = -n * (n - a);
    b += 2;
    d = an * d + b;
    d = 1 / (Math.abs(d) < tiny ? tiny : d);
    c = b + an / c;
    c = Math.abs(c) < tiny ? tiny : c;
    h *= d * c;
    if (Math.abs(d * c - 1) < precision) break;
  }
  return h;
}

/** The chance that a chi-squared variable of `freedom` degrees is at least `x`. */
export function chiSquaredTail(x: number, freedom: number): number {
  return gammaUpper(freedom / 2, x / 2);
}
