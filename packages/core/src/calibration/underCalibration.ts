import type { Calibration } from "../model/Calibration.ts";
import type { DetectorMeta } from "../model/Detector.ts";
import { type Finding, type FindingClass, type FindingDraft, isAtLeast, type Severity } from "../model/Finding.ts";
import { budgetsPpm } from "../model/Ladder.ts";
import { calibrationOf, isAbove, pValueOf, strictestBudget } from "./pValueOf.ts";

/** What a calibration says of a draft. */
export type Calibrated = Pick<
  Finding,
  "severity" | "pValue" | "calibration" | "atActionLevel" | "budgetPpm" | "draftSeverity"
>;

/**
 * How severe a draft is by what is usual at its contract: an anomaly below the level for alerts is told to nobody, one below that
 * for pages is medium at most. Damage, broken invariants and our own health are never made quieter. Without a calibration of this very
 * version for this contract the draft stands as it is.
 */
export function underCalibration(
  calibration: Calibration | undefined,
  meta: Pick<DetectorMeta, "id" | "version">,
  draft: FindingDraft,
  cls: FindingClass,
): Calibrated {
  const entry = calibrationOf(calibration, meta, draft.subject);
  const { severity } = draft;
  if (calibration === undefined || entry === undefined || cls === "health")
    return { severity, ...(draft.pValue === undefined ? {} : { pValue: draft.pValue }) };
  const facts = { pValue: draft.pValue ?? pValueOf(entry, draft.score), calibration: calibration.id };
  if (cls !== "anomaly") return { severity, ...facts };
  const most = isAbove(entry, budgetsPpm.page, draft.score)
    ? "critical"
    : isAbove(entry, budgetsPpm.alert, draft.score)
      ? "medium"
      : "info";
  const budgetPpm = strictestBudget(entry, draft.score);
  const capped: Severity = isAtLeast(most, severity) ? severity : most;
  return {
    severity: capped,
    ...facts,
    atActionLevel: isAbove(entry, budgetsPpm.action, draft.score),
    ...(budgetPpm === undefined ? {} : { budgetPpm }),
    ...(capped === severity ? {} : { draftSeverity: severity }),
  };
}
