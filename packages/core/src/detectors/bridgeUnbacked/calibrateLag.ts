/**
 * The lag to set for a route whose messages took `delays` seconds from sending to arrival: twice their 99th percentile,
 * rounded up. Undefined for fewer than 100 messages.
 */
export function calibrateLag(delays: readonly number[]): number | undefined {
  if (delays.length < 100) return undefined;
  const sorted = [...delays].sort((a, b) => a - b);
  return Math.ceil(2 * sorted[Math.ceil(sorted.length * 0.99) - 1]!);
}
