import { compositeMeta } from "@testudo/core/detectors/detectComposite";
import type { FindingStatus } from "@testudo/core/model/FindingStatus";
import { adversaryFindings } from "@testudo/core/pipeline/adversaryFindings";
import { probeFindings } from "@testudo/core/pipeline/probeFindings";
import { selfHealth } from "@testudo/core/pipeline/selfHealth";
import type { Loss } from "../jobs/step/retrial.ts";
import type { DetectorFault, DetectorRun } from "../jobs/step/stepWorker.ts";
import type { Metrics } from "./Metrics.ts";

/** Faults after which a detector's block counts as not judged by it. */
export function isIsolating({ what }: DetectorFault): boolean {
  return what === "threw" || what === "timed-out" || what === "died" || what === "endless-reads";
}

/** In whose names something is told beside the detectors that judge blocks. */
const tellers = [adversaryFindings.meta, compositeMeta, probeFindings.meta, selfHealth.meta].map(({ id }) => id);

/** How a finding becomes one that is told: for the first time, as a graver one, anew, or in its block after it was foretold. */
const tellings = ["raised", "repeated", "raised-again", "included"] satisfies FindingStatus["transition"][];

/**
 * Counts how long detectors run and where they fail. Each begins with zero errors and critical findings, also one that comes
 * later: to Prometheus a count that begins at 1 has not increased, and the rules page at increases.
 */
export function observeRuns({ detectorDuration, detectorErrors, findings, threadsLost }: Metrics) {
  for (const result of ["overran", "died"] satisfies Loss["kind"][]) threadsLost.inc({ result }, 0);
  return {
    setDetectors(detectors: readonly string[]): void {
      for (const detector of detectors) detectorErrors.inc({ detector }, 0);
      for (const detector of [...tellers, ...detectors])
        for (const status of tellings) findings.inc({ detector, severity: "critical", status }, 0);
    },
    count(runs: readonly DetectorRun[], faults: readonly DetectorFault[]): void {
      for (const { detector, ms } of runs) detectorDuration.observe({ detector }, ms / 1_000);
      for (const fault of faults) if (isIsolating(fault)) detectorErrors.inc({ detector: fault.detector });
    },
  };
}
