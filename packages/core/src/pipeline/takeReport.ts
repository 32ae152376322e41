// A report says that harm could be done. It becomes a finding of a class of its own, which opens no gate: it reaches people,
// and no program acts on it, neither alone nor beside what happens on the chain (GATE-01).
import { wadText } from "../math/wadText.ts";
import type { FindingDraft, Severity } from "../model/Finding.ts";
import type { WorkStatus } from "../model/FindingStatus.ts";
import type { Input } from "../model/Input.ts";
import { isVerified, type Report, type ReportDraft, toReport } from "../model/Report.ts";
import { decideIncident } from "./act.ts";
import { adversaryFindings } from "./adversaryFindings.ts";
import { type FindingCase, readCase, writeCase } from "./Case.ts";
import { group } from "./group.ts";
import { type Ledger, standingOf } from "./Ledger.ts";
import { moveFinding } from "./moveFinding.ts";
import { type Occurrence, toFinding } from "./raise.ts";

/**
 * Records a report and says it as a finding: one that another engine confirmed opens an incident, any other is for the record.
 * The same report twice is one, unless it is confirmed by now. Nothing is taken before the first block.
 */
export function takeReport(ledger: Ledger, { report: draft }: Extract<Input, { kind: "report" }>): void {
  const { head } = standingOf(ledger);
  if (head === null) return;
  const report = toReport(draft);
  const known = readCase(ledger.cases, "report", report.report);
  const isNews = known === undefined || (isVerified(report) && !known.isVerified);
  if (!isNews) return;
  ledger.records.push(report);
  writeCase(ledger.cases, "report", report.report, { id: report.id, isVerified: isVerified(report) });
  const finding = tell(ledger, { use: adversaryFindings, draft: draftOf(report), ref: head, phase: "live" });
  for (const id of group(ledger, [finding])) decideIncident(ledger, readCase(ledger.cases, "incident", id)!, head);
}

// It stands from the beginning and waits for no block: whether it holds does not depend on the one at which it was told, so
// that no reorg takes it back.
function tell(ledger: Ledger, occurrence: Occurrence): FindingCase["finding"] {
  const finding = toFinding(ledger.program, occurrence);
  const before = readCase(ledger.cases, "finding", finding.dedupKey);
  ledger.records.push(finding);
  writeCase(ledger.cases, "findingId", finding.id, finding.dedupKey);
  const work: WorkStatus = before?.work === "acknowledged" ? "acknowledged" : "open";
  const item: FindingCase = {
    finding,
    chain: "confirmed",
    work,
    count: (before?.count ?? 0) + 1,
    sequence: before?.sequence ?? -1,
    finality: occurrence.use.meta.finality,
  };
  moveFinding(ledger, item, before === undefined ? "raised" : "repeated", { chain: "confirmed", work });
  return finding;
}

function draftOf(report: Report): FindingDraft {
  const { id, subject, objective, gainWad, costWad, unit, capsule, engine, forkBlock } = report;
  return {
    severity: severityOf(report),
    reason: reasonOf(report),
    subject,
    key: [report.report],
    score: 1,
    members: [id],
    evidence: { report: id, objective, gainWad, costWad, unit, capsule, engine, forkBlock },
  };
}

// By numbers alone: prose never makes a report severe (COL-40).
function severityOf(report: ReportDraft): Severity {
  if (!isVerified(report)) return "info";
  if (report.objective === "figure") return "high";
  return report.gainWad > report.costWad ? "critical" : "medium";
}

function reasonOf({ title, objective, gainWad, costWad, unit, engine, forkBlock }: Report): string {
  const amounts = objective === "gain" ? `gain ${wadText(gainWad)} ${unit}, ` : "";
  const facts = `${amounts}cost ${wadText(costWad)} ${unit}, on a copy of block ${forkBlock.number}`;
  return isVerified({ engine })
    ? `Could be attacked, and has not been: ${title} (${facts}, confirmed by ${engine.name})`
    : `A report that no other engine confirms: ${title} (${facts}, run again on ${engine.name})`;
}
