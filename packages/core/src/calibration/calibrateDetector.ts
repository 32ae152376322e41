import type { CalibratedLevel, DetectorCalibration } from "../model/Calibration.ts";
import { ladderPpm, neededFor } from "../model/Ladder.ts";
import { measureRate } from "./measureRate.ts";
import type { ScoreHistory } from "./ScoreHistory.ts";

const fitShare = 0.7;
// The tail is looked up for p-values; more points than this tell no more.
const mostPoints = 256;
const secondsPerDay = 86_400;

/**
 * What `history` says of one detector: the ladder's thresholds, fitted on its oldest 70 % and judged on the rest (CAL-01, CAL-02).
 * `raised` holds thresholds by budget that reviewed false alarms put higher (FIND-08).
 */
export function calibrateDetector(
  { id, version }: { readonly id: string; readonly version: string },
  { subject, transactions }: ScoreHistory,
  raised: ReadonlyMap<number, number> = new Map(),
): DetectorCalibration {
  const scores = transactions.map((tx) => tx.scores[id] ?? 0);
  const cut = Math.floor(scores.length * fitShare);
  const parts: Parts = {
    fitted: scores.slice(0, cut),
    judged: scores.slice(cut),
    days: daysOf(transactions.slice(cut).map((tx) => tx.timestamp)),
    total: scores.length,
  };
  return {
    detector: id,
    version,
    subject,
    transactions: scores.length,
    tail: tailOf(scores),
    levels: ladderPpm.map((budgetPpm) => levelOf(budgetPpm, parts, raised.get(budgetPpm))),
  };
}

interface Parts {
  readonly fitted: readonly number[];
  readonly judged: readonly number[];
  readonly days: number;
  readonly total: number;
}

function levelOf(budgetPpm: number, { fitted, judged, days, total }: Parts, raised?: number): CalibratedLevel {
  const needs = neededFor(budgetPpm);
  if (total < needs || fitted.length === 0) return { budgetPpm, offered: false, needs };
  const byHistory = quantile(fitted, budgetPpm);
  const threshold = Math.max(byHistory, raised ?? 0);
  const above = (scores: readonly number[]) => scores.filter((score) => score > threshold).length;
  const hits = above(judged);
  return {
    budgetPpm,
    offered: true,
    threshold,
    ...(threshold > byHistory ? { byHistory } : {}),
    fitted: measureRate(above(fitted), fitted.length),
    judged: measureRate(hits, judged.length),
    alertsPerDay: days > 0 ? hits / days : 0,
  };
}

/** The smallest score that at most a share of `budgetPpm` lies above. */
function quantile(scores: readonly number[], budgetPpm: number): number {
  const sorted = [...scores].sort((a, b) => b - a);
  return sorted[Math.floor((sorted.length * budgetPpm) / 1_000_000)] ?? 0;
}

function daysOf(times: readonly bigint[]): number {
  const [first, last] = [times[0], times.at(-1)];
  return first === undefined || last === undefined ? 0 : Number(last - first) / secondsPerDay;
}

function tailOf(scores: readonly number[]): DetectorCalibration["tail"] {
  const sorted = scores.filter((score) => score > 0).sort((a, b) => b - a);
  const points = sorted.flatMap((score, i) => (sorted[i + 1] === score ? [] : [[score, i + 1] as const]));
  if (points.length <= mostPoints) return points;
  // The far end is what matters and is kept whole. Of the rest, neighbours become one that claims all of them at the highest
  // score: a p-value may become larger by it, never smaller.
  const far = points.slice(0, mostPoints / 2);
  const rest = points.slice(mostPoints / 2);
  const size = Math.ceil(rest.length / (mostPoints / 2));
  const groups = Array.from({ length: Math.ceil(rest.length / size) }, (_, i) => rest.slice(i * size, (i + 1) * size));
  return [...far, ...groups.map((group) => [group[0]![0], group.at(-1)![1]] as const)];
}
