import { canonicalJson } from "@testudo/core/model/canonicalJson";
import type { Finding } from "@testudo/core/model/Finding";
import type { FindingStatus } from "@testudo/core/model/FindingStatus";
import type { Address, Hex } from "@testudo/core/model/Hex";
import type { Incident } from "@testudo/core/model/Incident";
import { hashOf } from "@testudo/core/model/Record";
import { caip2, caip10 } from "../caip.ts";
import type { StixBundle, StixObject } from "./Stix.ts";
import { type Tlp, tlpMarking } from "./tlp.ts";
import { uuidV5 } from "./uuidV5.ts";

/** What is to be told, and how far it may go. */
export interface StixOptions {
  readonly chainId: number;
  readonly incidents: readonly Incident[];
  readonly findings: readonly { readonly finding: Finding; readonly status: FindingStatus | undefined }[];
  readonly tlp: Tlp;
  /** Incidents and findings that must not leave, by id. What belongs to such an incident stays as well. */
  readonly embargoed?: ReadonlySet<Hex>;
}

type Of<T extends StixObject["type"]> = Extract<StixObject, { type: T }>;

// A namespace of our own: the same finding gives the same id wherever and whenever it is exported.
const namespace = "8f0f3f4e-5b0c-5d1a-9c52-3b7c1a5e7e11";
const published = "2026-11-01T00:00:00.000Z";
const idOf = <T extends string>(type: T, name: string): `${T}--${string}` =>
  `${type}--${uuidV5(namespace, `${type} ${name}`)}`;

const producer: Of<"identity"> = {
  type: "identity",
  spec_version: "2.1",
  id: idOf("identity", "testudo"),
  created: published,
  modified: published,
  name: "Testudo",
  identity_class: "system",
};

const definition: Of<"extension-definition"> = {
  type: "extension-definition",
  spec_version: "2.1",
  id: idOf("extension-definition", "on-chain 1.0.0"),
  created: published,
  modified: published,
  created_by_ref: producer.id,
  name: "On-chain incident",
  description: "Addresses (CAIP-10), transaction, block and exploit pattern of an incident on an EVM chain.",
  schema:
    "Properties: chain (CAIP-2), severity, subject and addresses (CAIP-10), state, opened_at_block, block {number, hash}, " +
    "transaction (hash), exploit_pattern {detector, version, class, score, evidence_sha256: SHA-256 of the RFC 8785 JSON of the evidence}.",
  version: "1.0.0",
  extension_types: ["property-extension"],
};

/**
 * A STIX 2.1 bundle of incidents and what was seen of them (INT-05): one incident for each, an indicator and a sighting for
 * each finding, a note that ties them together. What is predicted nobody has seen yet. A finding that is retracted, expired,
 * false or benign is revoked. Ids are name-based, so that a second export updates the first at the receiver's. What could be
 * done and has not been is a vulnerability, and leaves only for readers of the own organisation. What the watch says of itself
 * is no threat, and stays.
 */
export function toStix(options: StixOptions): StixBundle {
  const marking = tlpMarking(options.tlp);
  const held = heldBack(options);
  const incidents = options.incidents.filter((incident) => !held.has(incident.incident));
  const findings = options.findings.filter(({ finding }) => finding.class !== "health" && !held.has(finding.id));
  const context = { chainId: options.chainId, marking: marking.id };
  const objects: StixObject[] = [
    producer,
    definition,
    marking,
    ...incidents.map((incident) => incidentOf(incident, context)),
    ...findings.flatMap((item) => seenOf(item, context)),
    ...incidents.map((incident) => noteOf(incident, findings, context)),
  ];
  return { type: "bundle", id: idOf("bundle", hashOf(objects)), objects };
}

// Whoever is told of a hole before it is closed may be the one who uses it.
const insiders: readonly Tlp[] = ["amber+strict", "red"];

function heldBack({ embargoed = new Set(), incidents, findings: all, tlp }: StixOptions): ReadonlySet<Hex> {
  const open = insiders.includes(tlp) ? [] : all.filter(({ finding }) => isVulnerability(finding));
  const held = new Set([...embargoed, ...open.map(({ finding }) => finding.id)]);
  const with_ = incidents.filter(({ incident, findings }) => held.has(incident) || findings.some((id) => held.has(id)));
  return new Set([...held, ...with_.flatMap(({ incident, findings }) => [incident, ...findings])]);
}

function isVulnerability({ class: is }: Finding): boolean {
  return is === "vulnerability";
}

interface Context {
  readonly chainId: number;
  readonly marking: Of<"marking-definition">["id"];
}

function common({ marking }: Context, createdAt: bigint, modifiedMs: number) {
  return {
    spec_version: "2.1" as const,
    created: timeOf(Number(createdAt) * 1_000),
    modified: timeOf(Math.max(Number(createdAt) * 1_000, modifiedMs)),
    created_by_ref: producer.id,
    object_marking_refs: [marking],
  };
}

function incidentOf(incident: Incident, context: Context): Of<"incident"> {
  const { severity, state, subject, addresses, openedAt, openedAtBlock, lastAt, findings } = incident;
  return {
    ...common(context, BigInt(openedAt), Number(lastAt) * 1_000 + incident.sequence),
    type: "incident",
    id: idOf("incident", incident.incident),
    name: `${severity} incident at ${caip10(context.chainId, subject)}`,
    description: `${findings.length} findings; opened at block ${openedAtBlock}, ${state}. Testudo incident ${incident.incident}.`,
    extensions: {
      [definition.id]: {
        ...extensionOf(context, severity, subject, addresses),
        state,
        opened_at_block: String(openedAtBlock),
      },
    },
  };
}

function seenOf({ finding, status }: StixOptions["findings"][number], context: Context): readonly StixObject[] {
  const { detector, version, subject, addresses, severity, blockNumber, blockHash, timestamp, txHash } = finding;
  // A status has a block and no clock; its number makes each version of the object a later one.
  const shared = common(context, BigInt(timestamp), Number(timestamp) * 1_000 + (status?.sequence ?? 0));
  const revoked = isGone(status) ? { revoked: true as const } : {};
  const extension = {
    ...extensionOf(context, severity, subject, [subject, ...addresses]),
    block: { number: String(blockNumber), hash: blockHash },
    ...(txHash === undefined ? {} : { transaction: txHash }),
    exploit_pattern: {
      detector,
      version,
      class: finding.class,
      score: finding.score,
      evidence_sha256: hashOf(finding.evidence),
    },
  };
  const extensions = { [definition.id]: extension };
  if (isVulnerability(finding)) {
    const name = `${detector} at ${caip10(context.chainId, subject)}`;
    const id = idOf("vulnerability", finding.id);
    return [{ ...shared, ...revoked, type: "vulnerability", id, name, description: finding.reason, extensions }];
  }
  const indicator: Of<"indicator"> = {
    ...shared,
    ...revoked,
    type: "indicator",
    id: idOf("indicator", finding.id),
    name: `${detector} at ${caip10(context.chainId, subject)}`,
    description: finding.reason,
    indicator_types: [finding.class === "anomaly" ? "anomalous-activity" : "malicious-activity"],
    // STIX patterns have no object for an account or a transaction; ours says what fired over what.
    pattern: canonicalJson({
      detector,
      version,
      chain: caip2(context.chainId),
      subject,
      ...(txHash ? { transaction: txHash } : {}),
    }),
    pattern_type: "testudo",
    pattern_version: "1",
    valid_from: shared.created,
    extensions,
  };
  // It may never come into a block; what does is a finding of its own.
  if (finding.prediction !== undefined) return [indicator];
  const sighting: Of<"sighting"> = {
    ...shared,
    ...revoked,
    type: "sighting",
    id: idOf("sighting", finding.id),
    sighting_of_ref: indicator.id,
    where_sighted_refs: [producer.id],
    first_seen: shared.created,
    last_seen: shared.created,
    count: 1,
    extensions,
  };
  return [indicator, sighting];
}

function isGone(status: FindingStatus | undefined): boolean {
  if (status === undefined) return false;
  const { chain, resolution = "true-positive" } = status;
  return ["retracted", "expired"].includes(chain) || ["retracted", "false-positive", "benign"].includes(resolution);
}

function noteOf(incident: Incident, findings: StixOptions["findings"], context: Context): Of<"note"> {
  const own = findings.filter(({ finding }) => incident.findings.includes(finding.id));
  const lines = own.map(
    ({ finding, status }) =>
      `${finding.severity} ${finding.detector} in block ${finding.blockNumber}: ${finding.reason} (${status?.chain ?? "pending"}, ${status?.work ?? "open"})`,
  );
  return {
    ...common(context, BigInt(incident.openedAt), Number(incident.lastAt) * 1_000 + incident.sequence),
    type: "note",
    id: idOf("note", incident.incident),
    abstract: `What was seen of incident ${incident.incident}`,
    content: lines.join("\n") || "Its findings are not part of this export.",
    object_refs: [
      idOf("incident", incident.incident),
      ...own.flatMap((item) => seenOf(item, context).map(({ id }) => id)),
    ],
  };
}

function extensionOf(
  { chainId }: Context,
  severity: Finding["severity"],
  subject: Address,
  addresses: readonly Address[],
) {
  return {
    extension_type: "property-extension" as const,
    chain: caip2(chainId),
    severity,
    subject: caip10(chainId, subject),
    addresses: [...new Set([subject, ...addresses].map((address) => caip10(chainId, address)))],
  };
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString();
}
