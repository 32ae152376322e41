import { type Finding, isAtLeast } from "../model/Finding.ts";
import type { FindingStatus } from "../model/FindingStatus.ts";
import type { Hex } from "../model/Hex.ts";
import { noticeIdOf } from "../model/noticeId.ts";
import { identify } from "../model/Record.ts";
import { type FindingCase, writeCase } from "./Case.ts";
import { type Ledger, standingOf } from "./Ledger.ts";

/** What a status says beside its transition. */
type Said = Pick<FindingStatus, "chain" | "work" | "resolution" | "actor" | "note" | "isProved" | "goesOnAs">;

/** Writes a change of status, and tells nobody. */
export function noteStatus(
  ledger: Ledger,
  item: FindingCase,
  transition: FindingStatus["transition"],
  to: Said,
): FindingStatus {
  const { finding } = item;
  const head = standingOf(ledger).head;
  const status = identify({
    kind: "FindingStatus" as const,
    from: [finding.id],
    finding: finding.id,
    transition,
    ...to,
    sequence: item.sequence + 1,
    blockNumber: head?.number ?? finding.blockNumber,
    blockHash: head?.hash ?? finding.blockHash,
  });
  ledger.records.push(status);
  const retracted = transition === "retracted" ? { retractedAtBlock: finding.blockNumber } : {};
  writeCase(ledger.cases, "finding", finding.dedupKey, {
    ...item,
    ...retracted,
    chain: to.chain,
    work: to.work,
    ...(to.resolution === undefined ? {} : { resolution: to.resolution }),
    sequence: status.sequence,
  });
  return status;
}

/** Writes a change of status, and tells people where it matters to them. */
export function moveFinding(
  ledger: Ledger,
  item: FindingCase,
  transition: FindingStatus["transition"],
  to: Said,
): FindingStatus {
  const { finding } = item;
  const status = noteStatus(ledger, item, transition, to);
  // Findings of history are stored and not delivered, unless that was asked for (DET-09); a confirmation is no news.
  const isHistory = finding.phase === "history";
  if ((!isHistory || item.isTold === true) && transition !== "confirmed" && isAtLeast(finding.severity, "low"))
    ledger.notices.push({
      kind: "Notice",
      id: noticeIdOf(finding.dedupKey, status),
      thread: threadOf(item),
      topic: finding.class === "health" ? "health" : "finding",
      transition,
      severity: finding.severity,
      title: titleOf(finding, transition),
      body: `${finding.detector} ${finding.version}, block ${finding.blockNumber}`,
      chainId: finding.chainId,
      blockNumber: finding.blockNumber,
      blockHash: finding.blockHash,
      ...(finding.txHash ? { txHash: finding.txHash } : {}),
      subject: finding.subject,
      detector: finding.detector,
      owner: finding.owner,
      record: finding.id,
      runbook: finding.runbook,
      ...(isHistory ? { phase: "history" as const } : {}),
    });
  return status;
}

/** The thread that an alert was begun in. */
export function threadOf({ finding, thread }: FindingCase): Hex {
  return thread ?? finding.dedupKey;
}

// Nobody may take what is over, or has not happened, for what happens now.
function titleOf({ phase, reason }: Finding, transition: FindingStatus["transition"]): string {
  if (transition === "predicted") return `Not in a block yet: ${reason}`;
  return phase === "history" ? `From history: ${reason}` : reason;
}
