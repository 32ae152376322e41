import type { TxJudgement } from "@testudo/core/pipeline/judgeTx";

/** What to say of detectors that broke down over a transaction. */
export function failureOf(failed: TxJudgement["failed"]): string {
  const told = failed.map(({ detector, message }) => `${detector} (${message})`).join(", ");
  return `Detectors failed: ${told}.\n- What they would have found is not known.\n- Please report the transaction.`;
}
