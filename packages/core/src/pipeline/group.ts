import type { Action } from "../model/Action.ts";
import { type Finding, isAtLeast, mostSevere } from "../model/Finding.ts";
import type { Address, Hex } from "../model/Hex.ts";
import type { Incident, IncidentState } from "../model/Incident.ts";
import { hashOf, identify } from "../model/Record.ts";
import { type FindingCase, readCase, writeCase } from "./Case.ts";
import { type Ledger, setStanding, standingOf } from "./Ledger.ts";
import { trimIncident } from "./trimIncident.ts";

const gapSeconds = 3_600n;

/**
 * Puts each of `findings` into the open incident it belongs to, or opens one (FIND-06). Returns which incidents they are in; what is
 * no incident is in none. Each incident is written once, however many of them it takes: a stranger can provoke a thousand in a block.
 */
export function group(ledger: Ledger, findings: readonly Finding[]): readonly Hex[] {
  const grouped = findings.filter(isOfIncident);
  if (grouped.length === 0) return [];
  const open = openIncidents(ledger).map((incident) => toGrowing(ledger, incident));
  const grown = new Set<Growing>();
  for (const finding of grouped) {
    let one = open.find((candidate) => isRelated(candidate, finding, ledger.program.watched));
    if (one === undefined) {
      one = toOpen(finding);
      open.push(one);
    }
    grow(one, finding);
    grown.add(one);
  }
  for (const { body, joined, fresh, isNew } of grown) {
    if (isNew) setStanding(ledger, { openIncidents: [...standingOf(ledger).openIncidents, body.incident] });
    const kept = trimIncident(ledger, body);
    write(ledger, {
      ...kept,
      addresses: [...new Set([...kept.addresses, ...joined])],
      findings: [...kept.findings, ...fresh],
      sequence: isNew ? 0 : body.sequence + 1,
    });
  }
  return [...grown].map(({ body }) => body.incident);
}

function isOfIncident({ phase, class: cls, severity }: Finding): boolean {
  return phase !== "history" && cls !== "health" && isAtLeast(severity, "medium");
}

type Body = Omit<Incident, "id" | "kind" | "from">;

/** An incident while findings join it. */
interface Growing {
  /** As it stood, with state, severity and times as they become. */
  body: Body;
  readonly addresses: Set<Address>;
  /** What joins it now. */
  readonly joined: Address[];
  readonly fresh: Hex[];
  readonly isOfReports: boolean;
  readonly isNew: boolean;
}

function toGrowing(ledger: Ledger, incident: Incident): Growing {
  const addresses = new Set(incident.addresses);
  const isReported = isOfReports(ledger, incident);
  return { body: incident, addresses, joined: [], fresh: [], isOfReports: isReported, isNew: false };
}

function toOpen({ id, severity, subject, class: cls, blockNumber, timestamp }: Finding): Growing {
  const times = { openedAtBlock: blockNumber, openedAt: timestamp, lastAt: timestamp };
  const body: Body = {
    incident: hashOf({ opened: id }),
    ...{ state: "open", severity, subject, addresses: [], findings: [], ...times, sequence: 0 },
  };
  return { body, addresses: new Set(), joined: [], fresh: [], isOfReports: cls === "vulnerability", isNew: true };
}

function grow(one: Growing, { id, severity, subject, addresses, timestamp }: Finding): void {
  const { state, lastAt } = one.body;
  for (const address of [subject, ...addresses]) {
    if (!one.addresses.has(address)) one.joined.push(address);
    one.addresses.add(address);
  }
  one.fresh.push(id);
  one.body = {
    ...one.body,
    state: state === "resolved" ? "open" : state,
    severity: mostSevere([one.body.severity, severity])!,
    lastAt: timestamp > lastAt ? timestamp : lastAt,
  };
}

// The protected set is one protocol: what happens to two of its contracts within an hour belongs together. Beyond it,
// addresses in common tie findings that one actor caused.
function isRelated({ body, addresses, isOfReports }: Growing, finding: Finding, watched: readonly Address[]): boolean {
  if (isOfReports !== (finding.class === "vulnerability") || finding.timestamp - body.lastAt > gapSeconds) return false;
  if (watched.includes(body.subject) && watched.includes(finding.subject)) return true;
  return addresses.has(finding.subject) || finding.addresses.some((address) => addresses.has(address));
}

// What could happen and what happens are two incidents: a report makes none severe enough for a playbook, nor gives one a
// reason to act (GATE-01).
function isOfReports(ledger: Ledger, { findings: [first] }: Incident): boolean {
  const key = first === undefined ? undefined : readCase(ledger.cases, "findingId", first);
  return key !== undefined && readCase(ledger.cases, "finding", key)?.finding.class === "vulnerability";
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
    const { openActions, ended = [] } = standingOf(ledger);
    const isOfIt = (action: Hex) => readCase(ledger.cases, "action", action)?.action.incident === id;
    const isActedOn = openActions.some(isOfIt);
    const isDone = ({ dedupKey }: Finding) => readCase(ledger.cases, "finding", dedupKey)?.work === "resolved";
    if (!isActedOn && standingFindings(ledger, incident).every(isDone)) moveIncident(ledger, id, "resolved");
    const isQuiet = now - incident.lastAt > 24n * gapSeconds;
    // What has ended may take effect all the same, and this incident is mitigated then.
    if (isQuiet && !isActedOn && !ended.some(isOfIt)) forget(ledger, id);
    return !isQuiet;
  });
  if (rest.length !== open.length) setStanding(ledger, { openIncidents: rest });
}

/** Forgets the incident of `action`, which is over, where that is quiet and no other action of it may be in force. */
export function forgetQuiet(ledger: Ledger, { incident }: Action): void {
  const { openIncidents: open, openActions, ended = [] } = standingOf(ledger);
  const isOfIt = (id: Hex) => readCase(ledger.cases, "action", id)?.action.incident === incident;
  if (!open.includes(incident) && ![...openActions, ...ended].some(isOfIt)) forget(ledger, incident);
}

// Nothing joins it any more, and it names hundreds of findings. It stands in the records.
function forget({ cases }: Ledger, id: Hex): void {
  writeCase(cases, "incident", id, undefined);
  writeCase(cases, "decided", id, undefined);
  writeCase(cases, "limited", id, undefined);
}

function write(ledger: Ledger, body: Body): void {
  const { id: _, ...clean } = body as Incident;
  const record = identify({ ...clean, kind: "Incident" as const, from: body.findings });
  ledger.records.push(record);
  writeCase(ledger.cases, "incident", record.incident, record);
}
