import type { Calibration, DetectorCalibration } from "../model/Calibration.ts";
import type { Address } from "../model/Hex.ts";
import { levelInUse } from "./levelInUse.ts";

/** What `calibration` holds of a detector on a contract; undefined where it was not there, or was of another version. */
export function calibrationOf(
  calibration: Calibration | undefined,
  detector: { readonly id: string; readonly version: string },
  subject: Address,
): DetectorCalibration | undefined {
  return calibration?.detectors.find(
    (entry) => entry.detector === detector.id && entry.subject === subject && entry.version === detector.version,
  );
}

/**
 * How likely a transaction of the contract scores at least `score`, from its own history: (1 + as many as did) / (1 + all). Never
 * 0: what was not seen in N transactions is one in N + 1.
 */
export function pValueOf({ tail, transactions }: DetectorCalibration, score: number): number {
  const atLeast = tail.findLast(([seen]) => seen >= score)?.[1] ?? 0;
  return (1 + atLeast) / (1 + transactions);
}

/** The smallest budget that is offered and whose threshold a score is above; undefined where there is none. */
export function strictestBudget({ levels }: DetectorCalibration, score: number): number | undefined {
  return levels.find((level) => level.offered && score > level.threshold)?.budgetPpm;
}

/** Whether a score is above the threshold of `budgetPpm`, or of the smallest budget that is offered where that is larger. */
export function isAbove({ levels }: DetectorCalibration, budgetPpm: number, score: number): boolean {
  return score > (levelInUse(levels, budgetPpm)?.threshold ?? 0);
}
