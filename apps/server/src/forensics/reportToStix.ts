import type { Finding } from "@testudo/core/model/Finding";
import type { Address, Hex } from "@testudo/core/model/Hex";
import type { Incident } from "@testudo/core/model/Incident";
import { hashOf, identify } from "@testudo/core/model/Record";
import type { ForensicReport } from "@testudo/lab/forensics/Report";
import type { StixBundle } from "../interop/stix/Stix.ts";
import type { Tlp } from "../interop/stix/tlp.ts";
import { toStix } from "../interop/stix/toStix.ts";

const version = "1.0.0";
const noHash: Hex = `0x${"0".repeat(64)}`;

/** The report as a STIX 2.1 bundle: one incident, and an indicator with its sighting for each class of attack. An ordinary transaction gives none of them. */
export function reportToStix(report: ForensicReport, tlp: Tlp): StixBundle {
  const findings = report.verdict === "ordinary" ? [] : report.classification.map((_, i) => findingOf(report, i));
  const incidents = findings.length === 0 ? [] : [incidentOf(report, findings)];
  const told = findings.map((finding) => ({ finding, status: undefined }));
  return toStix({ chainId: report.chainId, incidents, findings: told, tlp });
}

function findingOf(report: ForensicReport, at: number): Finding {
  const { chainId, transaction, verdict, classification } = report;
  const { class: one, title, confidence, evidence } = classification[at]!;
  const { subject, addresses } = involved(report);
  return identify({
    kind: "Finding",
    from: [],
    dedupKey: hashOf([one, chainId, transaction.hash]),
    detector: `forensics:${one}`,
    version,
    class: verdict === "attack" ? "damage" : "anomaly",
    hard: false,
    severity: verdict === "attack" ? "critical" : "medium",
    reason: `${title} (${confidence}): ${evidence.map(({ text }) => text).join(" ")}`,
    chainId,
    blockNumber: transaction.blockNumber,
    // A report does not need the block's hash, and a recorded state has none.
    blockHash: noHash,
    timestamp: transaction.timestamp,
    phase: "history",
    subject,
    addresses,
    txHash: transaction.hash,
    score: confidence === "certain" ? 1 : confidence === "likely" ? 0.7 : 0.3,
    evidence: { texts: evidence.map(({ text }) => text) },
    runbook: "",
    owner: "",
  } as const) as Finding;
}

function incidentOf(report: ForensicReport, findings: readonly Finding[]): Incident {
  const { transaction, verdict } = report;
  const { subject, addresses } = involved(report);
  return identify({
    kind: "Incident",
    from: findings.map(({ id }) => id),
    incident: hashOf(["forensics", report.chainId, transaction.hash]),
    state: "resolved",
    severity: verdict === "attack" ? "critical" : "medium",
    subject,
    addresses,
    findings: findings.map(({ id }) => id),
    openedAtBlock: transaction.blockNumber,
    openedAt: transaction.timestamp,
    lastAt: transaction.timestamp,
    sequence: 0,
  } as const) as Incident;
}

/** Whom it is about, and who else took part on either side. */
function involved({ parties, transaction }: ForensicReport): { subject: Address; addresses: readonly Address[] } {
  const hurt = parties.filter(({ role, isProtected }) => role === "victim" || isProtected);
  const victims = [...hurt].sort((a, b) => Number(b.role === "victim") - Number(a.role === "victim"));
  const harmed = victims.flatMap(({ addresses }) => addresses);
  const actors = parties.filter(({ role }) => role === "actor").flatMap(({ addresses }) => addresses);
  return { subject: harmed[0] ?? transaction.to ?? transaction.from, addresses: [...harmed, ...actors].slice(0, 64) };
}
