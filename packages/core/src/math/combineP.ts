import { chiSquaredTail } from "./gammaUpper.ts";

/** How several p-values count together. */
export interface CombinedP {
  /** Fisher's statistic, -2 * sum of ln p. */
  readonly statistic: number;
  /** Fisher's p-value, right where the parts are independent. */
  readonly fisher: number;
  /** The same with Brown's correction for parts that go together. */
  readonly brown: number;
  /** The plain product of the parts, which is no p-value. */
  readonly product: number;
}

/**
 * Combines `ps` (each in (0, 1]) by Fisher's method, corrected after Brown (1975) for the correlations `rho(i, j)`. The covariance
 * of two parts is Kost and McDermott's polynomial (2002), 3.263 r + 0.710 r^2 + 0.027 r^3; without correlation Brown's is Fisher's.
 */
export function combineP(ps: readonly number[], rho: (i: number, j: number) => number): CombinedP {
  const statistic = ps.reduce((sum, p) => sum - 2 * Math.log(p), 0);
  const mean = 2 * ps.length;
  let variance = 4 * ps.length;
  for (let i = 0; i < ps.length; i += 1)
    for (let j = i + 1; j < ps.length; j += 1) {
      const r = Math.max(0, Math.min(1, rho(i, j)));
      variance += 2 * (3.263 * r + 0.71 * r ** 2 + 0.027 * r ** 3);
    }
  const scale = variance / (2 * mean);
  const freedom = (2 * mean ** 2) / variance;
  return {
    statistic,
    fisher: chiSquaredTail(statistic, mean),
    brown: chiSquaredTail(statistic / scale, freedom),
    product: ps.reduce((all, p) => all * p, 1),
  };
}
