import { median, scaledMad } from "./median.ts";

/** What a week usually looks like: per hour of the week its level and how often it was seen, and the last residuals. */
export interface WeekProfile {
  readonly [key: string]: readonly number[];
  readonly level: readonly number[];
  readonly seen: readonly number[];
  readonly residuals: readonly number[];
}

export const hoursOfWeek = 168;
// Two weeks of hours: enough that a day out of habit does not move the median.
const maxResiduals = 336;
// Each week counts for a third: a change of habit is the habit after a month.
const gain = 1 / 3;

export const emptyProfile: WeekProfile = {
  level: Array.from({ length: hoursOfWeek }, () => 0),
  seen: Array.from({ length: hoursOfWeek }, () => 0),
  residuals: [],
};

/** `profile` after an hour of the week (0 to 167) with `value` at zero or above, which goes in as ln(1 + value). */
export function learnHour(profile: WeekProfile, hour: number, value: number): WeekProfile {
  const y = Math.log1p(value);
  const times = profile.seen[hour]!;
  const residual = y - profile.level[hour]!;
  const step = times === 0 ? 1 : gain;
  return {
    level: profile.level.with(hour, profile.level[hour]! + step * residual),
    seen: profile.seen.with(hour, times + 1),
    residuals: times === 0 ? profile.residuals : [...profile.residuals, residual].slice(-maxResiduals),
  };
}

/** An hour held against the profile. */
export interface Deviation {
  /** Robust standard deviations of the residual from the median of residuals. */
  readonly z: number;
  readonly usual: number;
  readonly residual: number;
  readonly median: number;
  readonly mad: number;
}

/**
 * How far `value` is off the profile at `hour`; undefined before that hour was seen twice and a week of residuals is known.
 * `minMad` is the least scale: ln(1 + v) of a quiet contract hardly moves, and one transaction more is no anomaly.
 */
export function deviationOf(profile: WeekProfile, hour: number, value: number, minMad: number): Deviation | undefined {
  if (profile.seen[hour]! < 2 || profile.residuals.length < hoursOfWeek) return undefined;
  const residual = Math.log1p(value) - profile.level[hour]!;
  const middle = median(profile.residuals)!;
  const mad = Math.max(scaledMad(profile.residuals)!, minMad);
  return { z: (residual - middle) / mad, usual: Math.expm1(profile.level[hour]!), residual, median: middle, mad };
}
