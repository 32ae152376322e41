import type { ScoreHistory } from "./ScoreHistory.ts";

/**
 * Pearson's correlation of two detectors' scores over the same transactions; undefined where one of them never fired, so that
 * nothing can be said.
 */
export function correlate(histories: readonly ScoreHistory[], a: string, b: string): number | undefined {
  let [n, sumA, sumB, sumAA, sumBB, sumAB] = [0, 0, 0, 0, 0, 0];
  for (const { transactions } of histories)
    for (const { scores } of transactions) {
      const [x, y] = [scores[a] ?? 0, scores[b] ?? 0];
      n += 1;
      sumA += x;
      sumB += y;
      sumAA += x * x;
      sumBB += y * y;
      sumAB += x * y;
    }
  const spread = (n * sumAA - sumA ** 2) * (n * sumBB - sumB ** 2);
  return n === 0 || spread <= 0 ? undefined : (n * sumAB - sumA * sumB) / Math.sqrt(spread);
}
