import type { AlarmEffect, Calibration, ReviewedAlarm } from "../model/Calibration.ts";
import { budgetsPpm } from "../model/Ladder.ts";

const lossOf = { alert: "would not be told any more", page: "would not page any more" } as const;

/** The false alarms that a calibration took in, for a person: who, why, what each changes and what it would have hidden. */
export function alarmLines(alarms: Calibration["falseAlarms"] = []): readonly string[] {
  return alarms.flatMap((alarm) => [headOf(alarm), ...outcomeOf(alarm), ...alarm.effects.flatMap(effectLines)]);
}

function headOf({ finding, detector, subject, score, marked, accepted }: ReviewedAlarm): string {
  const by = `marked by ${marked.actor} (${marked.note}), accepted by ${accepted.actor} (${accepted.note})`;
  return `False alarm ${finding.slice(0, 12)}… of ${detector} on ${subject}, score ${score}: ${by}`;
}

function outcomeOf({ heldBack, isLearned }: ReviewedAlarm): readonly string[] {
  if (isLearned) return ["  its path stands in the proposed settings; no threshold moves"];
  return heldBack === undefined ? [] : [`  nothing: ${heldBack}`];
}

function effectLines(effect: AlarmEffect): readonly string[] {
  const { use, budgetPpm, before, after, heldBack, wouldHide, wouldHideAll } = effect;
  const what = heldBack === undefined ? `${before} -> ${after}` : `stays at ${before}: ${heldBack}`;
  const first = `  ${use}s (${budgetsPpm[use] / 10_000} %, by the level of ${budgetPpm / 10_000} %): ${what}`;
  if (wouldHideAll === 0) return [first];
  const named = wouldHide.map((one) => `${one.what} (score ${one.score})`).join("; ");
  const more = wouldHideAll > wouldHide.length ? `; and ${wouldHideAll - wouldHide.length} more` : "";
  return [first, `  WARNING: at its score ${wouldHideAll} that were heard ${lossOf[use]}: ${named}${more}`];
}
