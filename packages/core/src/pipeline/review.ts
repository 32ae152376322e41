import { isHarmless, isReviewable, isSeen, whyNotReviewed } from "../model/FalseAlarm.ts";
import type { FindingStatus } from "../model/FindingStatus.ts";
import type { Hex } from "../model/Hex.ts";
import type { Input } from "../model/Input.ts";
import { identify } from "../model/Record.ts";
import { type FindingCase, readCase, writeCase } from "./Case.ts";
import type { Ledger } from "./Ledger.ts";

/** Keeps that a person said of an anomaly that it was no attack, for another to review (FIND-08). Changes nothing else. */
export function noteMark(ledger: Ledger, { finding }: FindingCase, { id, actor, resolution }: FindingStatus): void {
  if (actor === undefined || !isHarmless(resolution) || !isReviewable(finding)) return;
  writeCase(ledger.cases, "mark", finding.id, { status: id, actor });
}

// What a reorg took back did not happen, and teaches nothing.
function isRetracted(ledger: Ledger, finding: Hex): boolean {
  const key = readCase(ledger.cases, "findingId", finding);
  const item = key === undefined ? undefined : readCase(ledger.cases, "finding", key);
  return item?.finding.id === finding && item.chain === "retracted";
}

/** Records what a second person says of a false alarm; nothing where there is none, or where this person may not say it. */
export function onReview(ledger: Ledger, { finding, verdict, actor, note }: Extract<Input, { kind: "review" }>): void {
  const mark = readCase(ledger.cases, "mark", finding);
  if (mark === undefined || !isSeen(note) || isRetracted(ledger, finding)) return;
  if (whyNotReviewed({ actor: mark.actor, verdict: mark.verdict }, { verdict, actor }) !== undefined) return;
  ledger.records.push(
    identify({ kind: "Review" as const, from: [finding, mark.status], finding, verdict, actor, note }),
  );
  writeCase(ledger.cases, "mark", finding, { ...mark, verdict });
}
