/**
 * The ladder of budgets in millionths of a contract's own transactions: 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10 %. The same
 * steps as Phylax publishes, so that results compare.
 */
export const ladderPpm: readonly number[] = [100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000];

/** What each use may take of it: an alert 1 %, a page 0.05 %, an action of software 0.01 %. */
export const budgetsPpm = { alert: 10_000, page: 500, action: 100 } as const;

/** Transactions without which a budget cannot be told from nothing: 1/b (CAL-01). */
export function neededFor(budgetPpm: number): number {
  return Math.ceil(1_000_000 / budgetPpm);
}
