import type { Calibration } from "../model/Calibration.ts";
import type { DetectorUse } from "../model/Detector.ts";

/**
 * `uses` with the settings that `calibration` measured, where it has any for them. Throws CalibrationOutdated where it was
 * measured with another version of a detector, or with detectors that are no longer there.
 */
export function applySettings(uses: readonly DetectorUse[], calibration: Calibration): readonly DetectorUse[] {
  const tuned = [...uses];
  for (const { detector, version, nth, settings } of calibration.settings ?? []) {
    const at = uses.flatMap(({ meta }, i) => (meta.id === detector ? [i] : []))[nth];
    const use = at === undefined ? undefined : uses[at];
    if (at === undefined || use?.tune === undefined) throw new CalibrationOutdated(detector, version, "not there");
    if (use.meta.version !== version) throw new CalibrationOutdated(detector, version, use.meta.version);
    tuned[at] = use.tune(settings);
  }
  return tuned;
}

/** Settings were measured for a detector that is not the one that runs. */
export class CalibrationOutdated extends Error {
  override readonly name = "CalibrationOutdated";
  constructor(detector: string, measured: string, now: string) {
    super(
      `The calibration has settings for "${detector}" ${measured}, which is ${now} now.\n` +
        "- Settings are applied to the very detectors that they were measured with.\n" +
        "- Run `testudo calibrate` again, or leave `applyCalibration` out.",
    );
  }
}
