import { median, scaledMad } from "./median.ts";

/**
 * (value − median) / max(MAD, `leastMad`) of `sample`: how many standard deviations of the sample's own habit `value` is
 * away, deaf to outliers within it. Undefined for an empty sample. MAD is 1.4826 times the median absolute deviation.
 */
export function robustZ(value: number, sample: readonly number[], leastMad: number): number | undefined {
  const middle = median(sample);
  if (middle === undefined) return undefined;
  return (value - middle) / Math.max(scaledMad(sample)!, leastMad);
}
