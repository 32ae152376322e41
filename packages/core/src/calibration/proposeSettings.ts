import type { SettingCalibration } from "../model/Calibration.ts";
import type { DetectorUse } from "../model/Detector.ts";
import type { Observed } from "../model/Observed.ts";

/** What `observed` (in the order of `uses`) proposes for each detector's settings; detectors that propose nothing are left out. */
export function proposeSettings(
  uses: readonly DetectorUse[],
  observed: readonly Observed[],
  isCut: (timestamp: bigint) => boolean,
): readonly SettingCalibration[] {
  return uses.flatMap((use, i): SettingCalibration[] => {
    const kept = new Map(
      [...(observed[i] ?? [])].map(([series, list]) => [series, list.filter((one) => !isCut(one.timestamp))]),
    );
    const proposal = use.propose?.(kept);
    if (proposal === undefined || proposal.evidence.length === 0) return [];
    const { id, version } = use.meta;
    const nth = uses.slice(0, i).filter(({ meta }) => meta.id === id).length;
    return [{ detector: id, version, nth, settings: proposal.settings, evidence: proposal.evidence }];
  });
}
