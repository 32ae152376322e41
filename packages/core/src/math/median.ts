/** The middle of `values`; the mean of the two middles for an even count; undefined for none. */
export function median(values: readonly number[]): number | undefined {
  if (values.length === 0) return undefined;
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1]! + sorted[half]!) / 2;
}

/** Scaled median absolute deviation, 1.4826 x median |x - median|: the standard deviation for normal data, deaf to outliers. */
export function scaledMad(values: readonly number[]): number | undefined {
  const middle = median(values);
  if (middle === undefined) return undefined;
  return 1.4826 * median(values.map((v) => Math.abs(v - middle)))!;
}
