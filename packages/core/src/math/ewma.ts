/** Exponentially weighted mean and variance, and how many values went in. */
export interface Ewma {
  readonly [key: string]: number;
  readonly mean: number;
  readonly variance: number;
  readonly count: number;
}

/** `ewma` after `value` with decay `lambda` in (0, 1): variance' = lambda * variance + (1 - lambda) * (value - mean)^2 (RiskMetrics). */
export function updateEwma(ewma: Ewma | undefined, value: number, lambda: number): Ewma {
  if (ewma === undefined) return { mean: value, variance: 0, count: 1 };
  const deviation = value - ewma.mean;
  return {
    mean: lambda * ewma.mean + (1 - lambda) * value,
    variance: lambda * ewma.variance + (1 - lambda) * deviation * deviation,
    count: ewma.count + 1,
  };
}
