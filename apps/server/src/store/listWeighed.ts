import { nearTo, quietedAt } from "@testudo/core/calibration/quietedAt";
import { witnessesOf } from "@testudo/core/calibration/Witness";
import type { AlarmEffect } from "@testudo/core/model/Calibration";
import { type FalseAlarmView, listFalseAlarms } from "./listFalseAlarms.ts";
import type { ViewFilter } from "./listViews.ts";
import { readJudged } from "./readJudged.ts";
import type { Store } from "./Store.ts";

/** A false alarm with what a threshold at its score would hide, as far as the newest findings tell. */
export type WeighedAlarm = FalseAlarmView & Pick<AlarmEffect, "wouldHide" | "wouldHideAll">;

// Asked of a running server: a calibration looks at all of them.
const mostLooked = 2_000;

/** False alarms as `listFalseAlarms`, with what whoever reviews them has to know. */
export async function listWeighed(store: Store, filter: ViewFilter = {}): Promise<WeighedAlarm[]> {
  const found = await listFalseAlarms(store, filter);
  if (found.length === 0) return [];
  const { feedback } = await readJudged(store, mostLooked);
  const witnesses = witnessesOf(feedback, [], []);
  return found.map((view) => {
    const { id, score } = view.alarm.finding;
    const others = nearTo(witnesses, view.alarm.finding).filter(({ finding }) => finding !== id);
    const { wouldHide, wouldHideAll } = quietedAt(others, 0, score);
    return { ...view, wouldHide, wouldHideAll };
  });
}
