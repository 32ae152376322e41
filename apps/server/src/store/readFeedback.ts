import { isReviewable } from "@testudo/core/model/FalseAlarm";
import type { Feedback, JudgedFinding } from "@testudo/core/model/Feedback";
import { eachPage } from "./eachPage.ts";
import { alarmsAmong, type FalseAlarmView } from "./listFalseAlarms.ts";
import type { Store } from "./Store.ts";

/**
 * What people said of the anomalies in `store`, the newest `most` of them; all unless told otherwise. Oldest first, so that the
 * same store gives the same calibration.
 */
export async function readFeedback(store: Store, most = Number.POSITIVE_INFINITY): Promise<Feedback> {
  const findings: JudgedFinding[] = [];
  const alarms: FalseAlarmView[] = [];
  for await (const page of eachPage(store, {})) {
    const marked = await alarmsAmong(store, page);
    alarms.push(...marked);
    const verdicts = new Map(marked.map(({ alarm }) => [alarm.finding.id, alarm.review?.verdict]));
    for (const { finding, status } of page) {
      const isGone = status?.chain === "retracted" || status?.chain === "expired";
      if (isReviewable(finding) && !isGone)
        findings.push({ finding, resolution: status?.resolution, verdict: verdicts.get(finding.id) });
    }
    if (findings.length >= most) break;
  }
  const accepted = alarms.flatMap(({ alarm, state }) => (state === "accepted" ? [alarm] : []));
  return { alarms: accepted.reverse(), findings: findings.reverse() };
}
