import { type Finding, isAtLeast, mostSevere } from "../model/Finding.ts";
import type { Address, Hex } from "../model/Hex.ts";
import type { Incident, IncidentState } from "../model/Incident.ts";
import { hashOf, identify } from "../model/Record.ts";
import { type FindingCase, readCase, writeCase } from "./Case.ts";
import { type Ledger, setStanding, standingOf } from "./Ledger.ts";

const gapSeconds = 3_600n;

/** Puts `finding` into the open incident it belongs to, or opens one (FIND-06). Undefined for what is no incident. */
export function group(ledger: Ledger, finding: Finding): Incident | undefined {
  if (finding.phase === "history" || finding.class === "health" || !isAtLeast(finding.severity, "medium"))
    return undefined;
  const known = openIncidents(ledger).find(
    (incident) =>
      isRelated(incident, finding, ledger.program.watched) &&
      isOfReports(ledger, incident) === (finding.class === "vulnerability"),
  );
  if (known !== undefined) return grow(ledger, known, finding);
  const incident = hashOf({ opened: finding.id });
  setStanding(ledger, { openIncidents: [...standingOf(ledger).openIncidents, incident] });
  return write(ledger, {
    incident,
    state: "open",
    severity: finding.severity,
    subject: finding.subject,
    addresses: [...new Set([finding.subject, ...finding.addresses])],
    findings: [finding.id],
    openedAtBlock: finding.blockNumber,
    openedAt: finding.timestamp,
    lastAt: finding.timestamp,
    sequence: 0,
  });
}

// The protected set is one protocol: what happens to two of its contracts within an hour belongs together. Beyond it,
// addresses in common tie findings that one actor caused.
function isRelated(incident: Incident, finding: Finding, watched: readonly Address[]): boolean {
  if (finding.timestamp - incident.lastAt > gapSeconds) return false;
  if (watched.includes(incident.subject) && watched.includes(finding.subject)) return true;
  return incident.addresses.includes(finding.subject) || finding.addresses.some((a) => incident.addresses.includes(a));
}

// What could happen and what happens are two incidents: a report makes none severe enough for a playbook, nor gives one a
// reason to act (GATE-01).
function isOfReports(ledger: Ledger, { findings: [first] }: Incident): boolean {
  const key = first === undefined ? undefined : readCase(ledger.cases, "findingId", first);
  return key !== undefined && readCase(ledger.cases, "finding", key)?.finding.class === "vulnerability";
}

function grow(ledger: Ledger, incident: Incident, finding: Finding): Incident {
  return write(ledger, {
    ...incident,
    state: incident.state === "resolved" ? "open" : incident.state,
    severity: mostSevere([incident.severity, finding.severity])!,
    addresses: [...new Set([...incident.addresses, finding.subject, ...finding.addresses])],
    findings: [...incident.findings, finding.id],
    lastAt: finding.timestamp > incident.lastAt ? finding.timestamp : incident.lastAt,
    sequence: incident.sequence + 1,
  });
}

/** Moves an incident to `state`. */
export function moveIncident(ledger: Ledger, id: Hex, state: IncidentState): void {
  const incident = readCase(ledger.cases, "incident", id);
  if (incident === undefined || incident.state === state) return;
  write(ledger, { ...incident, state, sequence: incident.sequence + 1 });
}

/** Notes when somebody first took the finding of the key `key` upon himself, in the incident that it belongs to. */
export function noteAcknowledged(ledger: Ledger, key: string, at: bigint): void {
  const isOf = (id: Hex) => readCase(ledger.cases, "findingId", id) === key;
  for (const incident of openIncidents(ledger))
    if (incident.acknowledgedAt === undefined && incident.findings.some(isOf))
      write(ledger, { ...incident, acknowledgedAt: at, sequence: incident.sequence + 1 });
}

/** Notes that an action against the incident `id` is in force since `at`. */
export function noteMitigated(ledger: Ledger, id: Hex, at: bigint): void {
  const incident = readCase(ledger.cases, "incident", id);
  if (incident !== undefined && incident.mitigatedAt === undefined)
    write(ledger, { ...incident, mitigatedAt: at, sequence: incident.sequence + 1 });
}

/** Takes back what `noteMitigated` has said of a block of the time `at`, which was orphaned. */
export function forgetMitigated(ledger: Ledger, id: Hex, at: bigint): void {
  const { mitigatedAt, ...incident } = readCase(ledger.cases, "incident", id) ?? {};
  if (mitigatedAt === at) write(ledger, { ...(incident as Incident), sequence: (incident as Incident).sequence + 1 });
}

function openIncidents(ledger: Ledger): readonly Incident[] {
  return standingOf(ledger).openIncidents.flatMap((id) => readCase(ledger.cases, "incident", id) ?? []);
}

/** Whether people have said that `item` is no attack. Who calls it one must not call the answer to it off by that. */
export function isCalledOff(item: FindingCase | undefined): boolean {
  return item?.work === "resolved" && item.resolution !== "true-positive";
}

/** The findings of an incident that still stand, newest version of each. */
export function standingFindings(ledger: Ledger, incident: Incident): readonly Finding[] {
  const keys = new Set(incident.findings.map((id) => readCase(ledger.cases, "findingId", id)));
  const standing: Finding[] = [];
  for (const key of keys) {
    const item = key === undefined ? undefined : readCase(ledger.cases, "finding", key);
    if (item !== undefined && item.chain !== "retracted" && item.chain !== "expired" && !isCalledOff(item))
      standing.push(item.finding);
  }
  return standing;
}

/** Resolves incidents all of whose findings were taken back or settled, and closes those that had been quiet for long. */
export function settleIncidents(ledger: Ledger, now: bigint): void {
  const { openIncidents: open } = standingOf(ledger);
  const rest = open.filter((id) => {
    const incident = readCase(ledger.cases, "incident", id);
    if (incident === undefined) return false;
    // An attack that a pause forestalled leaves no finding that stands; the pause is still somebody's to look at.
    const isActedOn = standingOf(ledger).openActions.some(
      (action) => readCase(ledger.cases, "action", action)?.action.incident === id,
    );
    const isDone = ({ dedupKey }: Finding) => readCase(ledger.cases, "finding", dedupKey)?.work === "resolved";
    if (!isActedOn && standingFindings(ledger, incident).every(isDone)) moveIncident(ledger, id, "resolved");
    return now - incident.lastAt <= 24n * gapSeconds;
  });
  if (rest.length !== open.length) setStanding(ledger, { openIncidents: rest });
}

function write(ledger: Ledger, body: Omit<Incident, "id" | "kind" | "from">): Incident {
  const { id: _, ...clean } = body as Incident;
  const record = identify({ ...clean, kind: "Incident" as const, from: body.findings });
  ledger.records.push(record);
  writeCase(ledger.cases, "incident", record.incident, record);
  return record;
}
