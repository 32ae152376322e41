import type { DetectorFault, DetectorRun } from "../jobs/step/stepWorker.ts";
import type { Metrics } from "./Metrics.ts";

/** Faults after which a detector's block counts as not judged by it. */
export function isIsolating({ what }: DetectorFault): boolean {
  return what === "threw" || what === "timed-out" || what === "died" || what === "endless-reads";
}

/** Counts how long detectors run and where they fail. Each begins with zero errors, also one that comes later. */
export function observeRuns({ detectorDuration, detectorErrors }: Metrics) {
  return {
    setDetectors(detectors: readonly string[]): void {
      for (const detector of detectors) detectorErrors.inc({ detector }, 0);
    },
    count(runs: readonly DetectorRun[], faults: readonly DetectorFault[]): void {
      for (const { detector, ms } of runs) detectorDuration.observe({ detector }, ms / 1_000);
      for (const fault of faults) if (isIsolating(fault)) detectorErrors.inc({ detector: fault.detector });
    },
  };
}
