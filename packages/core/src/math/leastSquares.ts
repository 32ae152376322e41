/** A straight line through points. `spread` = Σ (x − mean x)². */
export interface Line {
  readonly slope: number;
  readonly intercept: number;
  readonly count: number;
  readonly spread: number;
}

/** The line of least squares through `points`; undefined for under two points, or where all x are one. */
export function leastSquares(points: readonly (readonly [x: number, y: number])[]): Line | undefined {
  const count = points.length;
  if (count < 2) return undefined;
  const [meanX, meanY] = [0, 1].map((i) => points.reduce((sum, p) => sum + p[i as 0 | 1], 0) / count) as [
    number,
    number,
  ];
  // Deviations from the mean, not raw squares: log-prices differ in the last digits only.
  const spread = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  if (!(spread > 0)) return undefined;
  const slope = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0) / spread;
  return { slope, intercept: meanY - slope * meanX, count, spread };
}
