// How many actions software has begun of late (RESP-01). What ended before it was sent does not count: else somebody could use the
// limit up with what comes to nothing, and be left alone afterwards.
import type { Hex } from "../model/Hex.ts";
import { readCase, writeCase } from "./Case.ts";
import type { Ledger } from "./Ledger.ts";

const all = "all";

/** How many were begun within what the policy limits before `now`, in Unix seconds; 0 where it limits nothing. */
export function begunOfLate(ledger: Ledger, now: bigint): number {
  return recent(ledger, now).length;
}

/** Counts `action`, once: what had failed and takes effect all the same has been counted as it was begun. */
export function noteBegun(ledger: Ledger, action: Hex, now: bigint): void {
  if (ledger.program.policy?.rateLimit === undefined) return;
  const begun = recent(ledger, now);
  if (begun.some((one) => one.action === action)) return;
  writeCase(ledger.cases, "begun", all, [...begun, { action, at: now }]);
}

/** Counts `action` no more. */
export function forgetBegun(ledger: Ledger, action: Hex): void {
  const begun = readCase(ledger.cases, "begun", all);
  const rest = begun?.filter((one) => one.action !== action);
  if (rest !== undefined && rest.length !== begun?.length) writeCase(ledger.cases, "begun", all, rest);
}

function recent(ledger: Ledger, now: bigint) {
  const seconds = BigInt(ledger.program.policy?.rateLimit?.seconds ?? 0);
  return (readCase(ledger.cases, "begun", all) ?? []).filter(({ at }) => now - at < seconds);
}
