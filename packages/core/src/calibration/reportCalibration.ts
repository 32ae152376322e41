import type { Calibration, DetectorCalibration, SettingCalibration } from "../model/Calibration.ts";
import { budgetsPpm } from "../model/Ladder.ts";
import { alarmLines } from "./alarmLines.ts";
import { levelInUse } from "./levelInUse.ts";
import { measureRate, rateText } from "./measureRate.ts";

/** At most so many pages a protocol in 30 days, and loud alerts a day (CAL-07). */
const mostPages = 1;
const mostHighs = 1;

/** The calibration for a person, a line each. */
export function reportCalibration(calibration: Calibration): readonly string[] {
  const { range, cuts, detectors, flows, settings = [] } = calibration;
  return [
    `Calibration ${calibration.id}`,
    `Blocks ${range.from.number} to ${range.to.number} of chain ${calibration.chainId}, data ${calibration.data}`,
    ...(cuts.length === 0 ? ["Nothing was cut out."] : cuts.map(cutText)),
    ...alarmLines(calibration.falseAlarms),
    ...detectors.flatMap(detectorLines),
    ...flows.map(
      ({ subject, asset, windowSeconds, maxBps, peakBpsPerSecond, limitBps }) =>
        `Flow of ${asset} out of ${subject} in ${windowSeconds} s: most seen ${maxBps} bps, peak ${Number(peakBpsPerSecond.toPrecision(3))} bps/s, limit ${limitBps} bps`,
    ),
    ...settings.flatMap(settingLines),
    ...serviceLines(detectors),
  ];
}

function cutText({ from, to, reason, transactions }: Calibration["cuts"][number]): string {
  return `Cut out ${timeText(from)} to ${timeText(to)}, ${transactions} transactions: ${reason}`;
}

function timeText(seconds: bigint): string {
  return new Date(Number(seconds) * 1_000).toISOString();
}

function detectorLines({ detector, subject, transactions, levels }: DetectorCalibration): readonly string[] {
  return [
    `${detector} on ${subject}: ${transactions} transactions`,
    ...levels.map((level) => {
      const budget = `  ${level.budgetPpm / 10_000} %`;
      if (!level.offered) return `${budget}: unavailable, needs ${level.needs} transactions`;
      const { threshold, fitted, judged, alertsPerDay } = level;
      const perDay = `${Number(alertsPerDay.toPrecision(2))} alerts a day`;
      const byHistory = level.byHistory === undefined ? "" : ` (${level.byHistory} by history alone)`;
      return `${budget}: score above ${threshold}${byHistory}; oldest 70 %: ${rateText(fitted)}; newest 30 %: ${rateText(judged)}; ${perDay}`;
    }),
  ];
}

function settingLines({ detector, evidence }: SettingCalibration): readonly string[] {
  return evidence.map(({ setting, before, after, rule, samples, above }) => {
    const judged = above === undefined ? "" : `; newest 30 %: ${rateText(measureRate(above.hits, above.trials))}`;
    return `Setting of ${detector}: ${setting} ${before ?? "none"} -> ${after}, ${rule} of ${samples}${judged}`;
  });
}

/** What the service may cost its people, from the newest 30 %, over all detectors and contracts (CAL-07). */
function serviceLines(detectors: readonly DetectorCalibration[]): readonly string[] {
  const perDay = (budgetPpm: number) =>
    detectors.reduce((sum, { levels }) => sum + (levelInUse(levels, budgetPpm)?.alertsPerDay ?? 0), 0);
  const pages = perDay(budgetsPpm.page) * 30;
  const highs = perDay(budgetsPpm.alert);
  const verdict = (value: number, most: number) => (value <= most ? "within" : "beyond");
  return [
    `Pages in 30 days by this: ${Number(pages.toPrecision(2))}, ${verdict(pages, mostPages)} the budget of ${mostPages}`,
    `Alerts a day by this: ${Number(highs.toPrecision(2))}, ${verdict(highs, mostHighs)} the budget of ${mostHighs}`,
  ];
}
