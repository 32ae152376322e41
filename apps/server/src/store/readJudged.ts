import { eachPage } from "./eachPage.ts";
import { foldHistory, type JudgedHistory } from "./foldHistory.ts";
import { alarmsAmong, type FalseAlarmView } from "./listFalseAlarms.ts";
import type { FindingView } from "./listViews.ts";
import type { Store } from "./Store.ts";

/** What people said of the findings in `store`, the newest `most` of them; all unless told otherwise. */
export async function readJudged(store: Store, most = Number.POSITIVE_INFINITY): Promise<JudgedHistory> {
  const views: FindingView[] = [];
  const marked: FalseAlarmView[] = [];
  for await (const page of eachPage(store, {})) {
    views.push(...page);
    marked.push(...(await alarmsAmong(store, page)));
    if (views.length >= most) break;
  }
  return foldHistory(views, marked);
}
