import type { SettingCalibration } from "../model/Calibration.ts";
import type { DetectorUse } from "../model/Detector.ts";
import type { Feedback } from "../model/Feedback.ts";
import type { Observed } from "../model/Observed.ts";

/** What `observed` (in the order of `uses`) and reviewed false alarms propose for each detector's settings; detectors that propose nothing are left out. */
export function proposeSettings(
  uses: readonly DetectorUse[],
  observed: readonly Observed[],
  isCut: (timestamp: bigint) => boolean,
  feedback: Feedback = { alarms: [], findings: [] },
): readonly SettingCalibration[] {
  return uses.flatMap((use, i): SettingCalibration[] => {
    const kept = new Map(
      [...(observed[i] ?? [])].map(([series, list]) => [series, list.filter((one) => !isCut(one.timestamp))]),
    );
    const measured = use.propose?.(kept);
    const learned = (measured === undefined ? use : use.tune!(measured.settings)).learn?.(feedback);
    const evidence = [...(measured?.evidence ?? []), ...(learned?.evidence ?? [])];
    if (evidence.length === 0) return [];
    const settings = { ...measured?.settings, ...(learned?.evidence.length ? learned.settings : {}) };
    const { id, version } = use.meta;
    const nth = uses.slice(0, i).filter(({ meta }) => meta.id === id).length;
    return [{ detector: id, version, nth, settings, evidence }];
  });
}
