import type { Hex } from "../model/Hex.ts";
import type { Incident } from "../model/Incident.ts";
import { hashOf } from "../model/Record.ts";
import { readCase, writeCase } from "./Case.ts";
import { type Ledger, standingOf } from "./Ledger.ts";

/**
 * Tells people what a limit of the policy, or a playbook that failed, leaves to them, and why; `record` is where that
 * stands. While nothing of it changes it is told once.
 */
export function tellLimited(ledger: Ledger, incident: Incident, record: Hex, limited: readonly string[]): void {
  const content = limited.length === 0 ? undefined : hashOf([...limited]);
  if (readCase(ledger.cases, "limited", incident.incident) === content) return;
  writeCase(ledger.cases, "limited", incident.incident, content);
  if (content === undefined) return;
  const head = standingOf(ledger).head!;
  ledger.notices.push({
    kind: "Notice",
    id: hashOf({ record, content }),
    thread: incident.incident,
    topic: "incident",
    transition: "limited",
    severity: incident.severity,
    title: `Software leaves the incident at ${incident.subject}, or a part of it, to people`,
    body: limited.join("; "),
    chainId: ledger.program.chainId,
    blockNumber: head.number,
    blockHash: head.hash,
    subject: incident.subject,
    record,
    incident: incident.incident,
    runbook: "RUNBOOK.md#a-limit-leaves-it-to-people",
  });
}
