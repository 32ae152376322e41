import type { Calibration, DetectorCalibration, SettingCalibration } from "../model/Calibration.ts";
import { budgetsPpm } from "../model/Ladder.ts";
import { alarmLines } from "./alarmLines.ts";
import { levelInUse } from "./levelInUse.ts";
import { measureRate, rateText } from "./measureRate.ts";

/** At most so many pages a protocol in 30 days, and loud alerts a day (CAL-07). */
const mostPages = 1;
const mostHighs = 1;

const secondsPerDay = 86_400;
// Protocols live by the week: who comes on Mondays is not in less.
const shortSeconds = 7 * secondsPerDay;

/** The calibration for a person, a line each. */
export function reportCalibration(calibration: Calibration): readonly string[] {
  const { range, cuts, detectors, flows, settings = [] } = calibration;
  const seconds = secondsOf(calibration);
  return [
    `Calibration ${calibration.id}`,
    `Blocks ${range.from.number} to ${range.to.number} of chain ${calibration.chainId}, data ${calibration.data}`,
    ...(seconds < shortSeconds
      ? [`WARNING: the range is short, ${spanText(seconds)}: what comes once a week is not in it. Give a few weeks.`]
      : []),
    ...(cuts.length === 0 ? ["Nothing was cut out."] : cuts.map(cutText)),
    ...alarmLines(calibration.falseAlarms),
    ...detectors.flatMap(detectorLines),
    ...flows.map(
      ({ subject, asset, windowSeconds, maxBps, peakBpsPerSecond, limitBps }) =>
        `Flow of ${asset} out of ${subject} in ${windowSeconds} s: most seen ${maxBps} bps, peak ${Number(peakBpsPerSecond.toPrecision(3))} bps/s, limit ${limitBps} bps`,
    ),
    ...settings.flatMap(settingLines),
    ...serviceLines(calibration),
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
function serviceLines(calibration: Calibration): readonly string[] {
  return [
    serviceLine("Pages in 30 days by this", calibration, { budgetPpm: budgetsPpm.page, days: 30, most: mostPages }),
    serviceLine("Alerts a day by this", calibration, { budgetPpm: budgetsPpm.alert, days: 1, most: mostHighs }),
  ];
}

interface Service {
  readonly budgetPpm: number;
  /** For how many days it is told. */
  readonly days: number;
  readonly most: number;
}

function serviceLine(title: string, calibration: Calibration, { budgetPpm, days, most }: Service): string {
  const inUse = calibration.detectors.flatMap((one) => {
    const level = levelInUse(one.levels, budgetPpm);
    return level === undefined ? [] : [{ ...one, level }];
  });
  // Detectors judge the same transactions of a contract.
  const judged = new Map(inUse.map(({ subject, level, transactions }) => [subject, { level, transactions }]));
  const trials = sumOf([...judged.values()].map(({ level }) => level.judged.trials));
  if (trials === 0) return `${title}: not known, the range holds too few transactions`;
  const hits = sumOf(inUse.map(({ level }) => level.judged.hits));
  const value = sumOf(inUse.map(({ level }) => level.alertsPerDay)) * days;
  const verdict = (amount: number) => (amount <= most ? "within" : "beyond");
  if (hits > 0) return `${title}: ${Number(value.toPrecision(2))}, ${verdict(value)} the budget of ${most}`;
  const seen = sumOf([...judged.values()].map(({ transactions }) => transactions));
  // None of N is at most 3/N of the transactions, as many of which may come in a day as came in the range (CAL-06).
  const bound = (Math.min(1, 3 / trials) * seen * days * secondsPerDay) / Math.max(1, secondsOf(calibration));
  const told = bound <= most ? `within the budget of ${most}` : `which does not show that the budget of ${most} holds`;
  return `${title}: none of ${trials} transactions, at most ${Number(bound.toPrecision(2))} at 95 %, ${told}`;
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

function secondsOf({ range }: Calibration): number {
  return Number(range.to.timestamp - range.from.timestamp);
}

function spanText(seconds: number): string {
  if (seconds >= secondsPerDay) return `${Math.floor(seconds / secondsPerDay)} d`;
  return seconds >= 3_600 ? `${Math.floor(seconds / 3_600)} h` : `${Math.floor(seconds / 60)} min`;
}
