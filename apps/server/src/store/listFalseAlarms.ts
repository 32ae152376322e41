// What people marked as no attack, and what others said of that (FIND-08): folds over findings, statuses and reviews.
import { type FalseAlarm, isHarmless, isReviewable } from "@testudo/core/model/FalseAlarm";
import type { FindingStatus } from "@testudo/core/model/FindingStatus";
import type { Review, Verdict } from "@testudo/core/model/Review";
import { eachPage } from "./eachPage.ts";
import { listRecords } from "./listRecords.ts";
import { type FindingView, lastAbout, type ViewFilter } from "./listViews.ts";
import type { Store } from "./Store.ts";

/** Where a false alarm stands. */
export type AlarmState = "waiting" | Verdict;

/** A false alarm as it stands. `seq` is its finding's. */
export interface FalseAlarmView {
  readonly seq: number;
  readonly alarm: FalseAlarm;
  readonly state: AlarmState;
  /** Who marked it showed a token of his own. */
  readonly isProved: boolean;
}

/** False alarms, newest finding first; `states` of `filter` are theirs. */
export async function listFalseAlarms(store: Store, filter: ViewFilter = {}): Promise<FalseAlarmView[]> {
  const { states, limit = 100, ...which } = filter;
  const found: FalseAlarmView[] = [];
  for await (const page of eachPage(store, { ...which, states: ["resolved"] })) {
    for (const view of await alarmsAmong(store, page)) if (states?.includes(view.state) ?? true) found.push(view);
    if (found.length >= limit) break;
  }
  return found.slice(0, limit);
}

/** The false alarms among `views`. One that has no reason written on it, as before reviews were kept, is none. */
export async function alarmsAmong(store: Store, views: readonly FindingView[]): Promise<FalseAlarmView[]> {
  const marked = views.filter(({ finding, status }) => isHarmless(status?.resolution) && isReviewable(finding));
  const ids = marked.map(({ finding }) => finding.id);
  if (ids.length === 0) return [];
  const marks = await marksOf(store, ids);
  const reviews = await lastAbout<Review>(store, "Review", ids);
  return marked.flatMap(({ seq, finding, status }) => {
    const { actor, note, isProved = false } = marks.get(finding.id) ?? {};
    if (actor === undefined || note === undefined || !isHarmless(status?.resolution)) return [];
    const review = reviews.get(finding.id);
    const alarm: FalseAlarm = { finding, resolution: status.resolution, actor, note, review };
    return [{ seq, alarm, state: review?.verdict ?? "waiting", isProved }];
  });
}

// A confirmation comes after the mark and names nobody.
async function marksOf(store: Store, about: readonly string[]): Promise<ReadonlyMap<string, FindingStatus>> {
  const all = await listRecords(store, { kinds: ["FindingStatus"], about, limit: 100_000 });
  return new Map(
    all.flatMap(({ record }) =>
      record.kind === "FindingStatus" && record.transition === "resolved" ? [[record.finding, record] as const] : [],
    ),
  );
}
