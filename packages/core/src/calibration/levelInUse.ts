import type { CalibratedLevel } from "../model/Calibration.ts";

/** The level that counts for a budget: its own, or the next larger one that is offered. Undefined where none is. */
export function levelInUse(
  levels: readonly CalibratedLevel[],
  budgetPpm: number,
): Extract<CalibratedLevel, { offered: true }> | undefined {
  const level = levels.find((entry) => entry.offered && entry.budgetPpm >= budgetPpm);
  return level?.offered === true ? level : undefined;
}
