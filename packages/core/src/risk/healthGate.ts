import type { AccountHealth } from "./calibratedParameters.ts";

/**
 * Whether a call may take an account from `before` to `after` (PERP-03): it ends with its initial margin, or with no more
 * initial margin and no less excess over maintenance than before. The same as HealthGate.allows.
 */
export function passesHealthGate(before: AccountHealth, after: AccountHealth): boolean {
  const hasMargin = after.collateral >= after.initial;
  return hasMargin || (after.initial <= before.initial && after.excess >= before.excess);
}
