/** Σ share² of the positive `parts`, 1/n (equal) to 1 (one has all); 0 for none. Source: Herfindahl 1950, Hirschman 1945. */
export function herfindahl(parts: readonly number[]): number {
  const positive = parts.filter((part) => part > 0);
  const all = positive.reduce((sum, part) => sum + part, 0);
  return positive.reduce((sum, part) => sum + (part / all) ** 2, 0);
}
