// What findings and reviews tell a calibration, wherever they were read: a store, or a server that runs on it.
import type { CalibrationCut } from "@testudo/core/model/Calibration";
import { isReviewable } from "@testudo/core/model/FalseAlarm";
import type { Feedback } from "@testudo/core/model/Feedback";
import type { FalseAlarmView } from "./listFalseAlarms.ts";
import type { FindingView } from "./listViews.ts";

/** The incidents and the judgements that a calibration takes in. */
export interface JudgedHistory {
  /** An hour around each finding that a person called a true positive (CAL-03). */
  readonly cuts: readonly Omit<CalibrationCut, "transactions">[];
  /** What people said of findings and others reviewed (FIND-08). */
  readonly feedback: Feedback;
}

const aroundSeconds = 3_600n;

/** Both folded, given newest first and told oldest first, so that the same findings give the same calibration. */
export function foldHistory(views: readonly FindingView[], marked: readonly FalseAlarmView[]): JudgedHistory {
  const oldest = [...views].sort((a, b) => a.seq - b.seq);
  const verdicts = new Map(marked.map(({ alarm }) => [alarm.finding.id, alarm.review?.verdict]));
  const accepted = marked.filter(({ state }) => state === "accepted").sort((a, b) => a.seq - b.seq);
  return {
    cuts: oldest
      // That a part of ours was ill, as we say ourselves once it is over, is no incident of the chain's.
      .filter(({ finding, status }) => finding.class !== "health" && status?.resolution === "true-positive")
      .map(({ finding: { timestamp, detector, blockNumber } }) => ({
        from: timestamp - aroundSeconds,
        to: timestamp + aroundSeconds,
        reason: `${detector} in block ${blockNumber}, a true positive`,
      })),
    feedback: {
      alarms: accepted.map(({ alarm }) => alarm),
      findings: oldest
        // What a reorg took back, or never came, was not heard of.
        .filter(({ finding, status }) => isReviewable(finding) && !isGone(status?.chain))
        .map(({ finding, status }) => ({
          finding,
          resolution: status?.resolution,
          verdict: verdicts.get(finding.id),
        })),
    },
  };
}

function isGone(chain: string | undefined): boolean {
  return chain === "retracted" || chain === "expired";
}
