// The normal distribution's tail. Packages at hand lose all digits beyond five deviations, where rare moves lie.

const logRootTwoPi = 0.918_938_533_204_672_8;
const switchAt = 1;
const mostTerms = 1_000;

/**
 * The chance that a standard normal variable is at least `z`, with a relative error below 1e-14 up to z = 38, where floats
 * end.
 */
export function normalTail(z: number): number {
  if (z < -switchAt) return 1 - normalTail(-z);
  return z <= switchAt ? 0.5 - density(z) * series(z) : density(z) / fraction(z);
}

/** The natural logarithm of `normalTail(z)`, also where that is too small for a float. */
export function logNormalTail(z: number): number {
  if (z < -switchAt) return Math.log1p(-normalTail(-z));
  return z <= switchAt ? Math.log(normalTail(z)) : -(z * z) / 2 - logRootTwoPi - Math.log(fraction(z));
}

// The square's rounding would cost the digits of the exponential: z is cut where its square is exact.
function density(z: number): number {
  const cut = Math.round(z * 16) / 16;
  return Math.exp(-(cut * cut) / 2) * Math.exp(-((z - cut) * (z + cut)) / 2 - logRootTwoPi);
}

// Abramowitz and Stegun 26.2.11: z + z^3 / 3 + z^5 / (3 5) + …
function series(z: number): number {
  let term = z;
  let sum = z;
  for (let n = 1; n <= mostTerms && Math.abs(term) > Math.abs(sum) * 1e-17; n += 1) {
    term *= (z * z) / (2 * n + 1);
    sum += term;
  }
  return sum;
}

// Abramowitz and Stegun 26.2.14, z + 1 / (z + 2 / (z + 3 / …)), by Lentz; slow near zero, where the series serves.
function fraction(z: number): number {
  let c = z;
  let d = 0;
  let result = z;
  for (let n = 1; n <= mostTerms; n += 1) {
    d = 1 / (z + n * d);
    c = z + n / c;
    result *= c * d;
    if (Math.abs(c * d - 1) < 1e-16) break;
  }
  return result;
}
