// How far a reviewed false alarm raises its detector's thresholds on its contract. What is raised is bounded by history alone, and
// a calibration always begins at history: neither many alarms nor many calibrations come further than one.
import type { AlarmEffect, CalibratedLevel, ReviewedAlarm } from "../model/Calibration.ts";
import type { FalseAlarm } from "../model/FalseAlarm.ts";
import { budgetsPpm } from "../model/Ladder.ts";
import { levelInUse } from "./levelInUse.ts";
import { nearTo, quietedAt } from "./quietedAt.ts";
import type { Witness } from "./Witness.ts";

// What an action of software asks for is never raised by people's word.
const uses = [
  { use: "alert", budgetPpm: budgetsPpm.alert, boundPpm: budgetsPpm.page },
  { use: "page", budgetPpm: budgetsPpm.page, boundPpm: budgetsPpm.action },
] as const;

/**
 * What accepting `alarm` does to the levels that history gave its detector on its contract. A threshold goes up to the alarm's
 * score where that is no higher than what history alone gives the next rarer use, and where no attack and no recorded
 * incident that was heard would not be any more; else it stays where it is, and is not raised in part.
 */
export function weighAlarm(
  alarm: FalseAlarm,
  levels: readonly CalibratedLevel[],
  witnesses: readonly Witness[],
): ReviewedAlarm {
  const near = nearTo(witnesses, alarm.finding);
  const effects = uses.flatMap((terms) => effectOf(terms, alarm.finding.score, levels, near) ?? []);
  if (effects.length > 0) return { ...toReviewed(alarm), effects };
  const isShort = levelInUse(levels, budgetsPpm.alert) === undefined;
  const why = isShort ? "history is too short for any level" : "history alone keeps it quiet";
  return { ...toReviewed(alarm), effects, heldBack: why };
}

/** Who said what of an alarm, as a calibration keeps it. */
export function toReviewed({ finding, actor, note, review }: FalseAlarm): Omit<ReviewedAlarm, "effects"> {
  const { id, detector, version, subject, score } = finding;
  return {
    ...{ finding: id, review: review!.id, detector, version, subject, score },
    marked: { actor, note },
    accepted: { actor: review!.actor, note: review!.note },
  };
}

function effectOf(
  { use, budgetPpm, boundPpm }: (typeof uses)[number],
  score: number,
  levels: readonly CalibratedLevel[],
  near: readonly Witness[],
): AlarmEffect | undefined {
  const level = levelInUse(levels, budgetPpm);
  if (level === undefined || score <= level.threshold) return undefined;
  const bound = levelInUse(levels, boundPpm)?.threshold ?? level.threshold;
  const { lost, ...hidden } = quietedAt(near, level.threshold, score);
  const heldBack =
    lost !== undefined
      ? `would hide ${lost.what}`
      : score > bound
        ? `too rare in this history: at most ${bound} is let through`
        : undefined;
  return {
    use,
    budgetPpm: level.budgetPpm,
    before: level.threshold,
    after: heldBack === undefined ? score : level.threshold,
    ...(heldBack === undefined ? {} : { heldBack }),
    ...hidden,
  };
}
