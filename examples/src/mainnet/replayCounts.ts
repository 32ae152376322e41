import type { ReplayedTransaction, SkipReason } from "./replayBlock.ts";

/** How many transactions of recorded blocks could be judged; a contract call is one with input data and a target. */
export interface ReplayCounts {
  transactions: number;
  judged: number;
  skipped: Partial<Record<SkipReason, number>>;
  contractCalls: { total: number; judged: number; succeeded: number };
}

/** Returns the counts of no transactions. */
export function emptyCounts(): ReplayCounts {
  return { transactions: 0, judged: 0, skipped: {}, contractCalls: { total: 0, judged: 0, succeeded: 0 } };
}

/** Returns `counts` with the transactions of one more block. */
export function addReplay(counts: ReplayCounts, transactions: readonly ReplayedTransaction[]): ReplayCounts {
  const sum = structuredClone(counts);
  for (const replayed of transactions) {
    const isCall = replayed.tx.to !== null && replayed.tx.input !== "0x";
    sum.transactions++;
    if (isCall) sum.contractCalls.total++;
    if (replayed.status === "skipped") {
      sum.skipped[replayed.reason] = (sum.skipped[replayed.reason] ?? 0) + 1;
      continue;
    }
    sum.judged++;
    if (isCall) sum.contractCalls.judged++;
    if (isCall && replayed.receipt.status === "0x1") sum.contractCalls.succeeded++;
  }
  return sum;
}
