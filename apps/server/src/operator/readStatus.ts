// What can be told from the store and the switch alone. A running server adds its nodes and its lag.

import type { Action } from "@testudo/core/model/Action";
import type { BlockRef } from "@testudo/core/model/BlockBundle";
import type { Plain } from "@testudo/core/model/canonicalJson";
import type { Incident } from "@testudo/core/model/Incident";
import { fromPlainJson } from "@testudo/core/model/plainJson";
import { openState, readStanding } from "@testudo/core/pipeline";
import { listKept } from "../report/reportFolder.ts";
import { type ChannelView, listChannels } from "../store/channelViews.ts";
import { type DeadLetter, deadLetterOf } from "../store/DeadLetter.ts";
import { type FindingView, listActions, listFindings, listIncidents } from "../store/listViews.ts";
import { type EvidenceHead, readHead } from "../store/loadState.ts";
import { countOutbox, listDead, type OutboxCount } from "../store/outbox.ts";
import type { Store } from "../store/Store.ts";
import { readSwitch } from "./switch.ts";

/** A detector that does not judge as it should, and why. */
export interface DetectorTrouble {
  readonly detector: string;
  readonly what: string;
  readonly message: string;
}

/** The finding of a report that nobody has settled. */
export interface OpenReport {
  readonly finding: string;
  /** The report's record. */
  readonly report: string;
  readonly severity: string;
  readonly work: string;
  readonly reason: string;
}

/** How things stand. Times in Unix seconds. */
export interface StoredStatus {
  readonly mode: string;
  readonly modeReason: string;
  readonly modeFault?: string;
  readonly head: Pick<BlockRef, "number" | "hash" | "timestamp"> | null;
  /** Why nothing may be sent, by source. */
  readonly frozen: { readonly [source: string]: string };
  readonly detectorTroubles: readonly DetectorTrouble[];
  readonly incidents: readonly {
    readonly id: string;
    readonly state: string;
    readonly severity: string;
    readonly subject: string;
    readonly findings: number;
    /** Seconds of the chain's time from its first finding until somebody took it upon himself; absent until then. */
    readonly acknowledgedAfter?: number;
    /** The same until an action against it was in force. */
    readonly mitigatedAfter?: number;
  }[];
  /** What could be attacked and is not settled, newest first. */
  readonly reports: readonly OpenReport[];
  /** Reports that lie in the data folder and are not taken yet. */
  readonly reportsWaiting: number;
  readonly actions: readonly {
    readonly id: string;
    readonly type: Action["type"];
    readonly state: string;
    readonly target: string;
    readonly until: bigint;
  }[];
  readonly outbox: OutboxCount;
  readonly deadLetters: readonly DeadLetter[];
  /** How channels are, by the tests that went through (SELF-03). */
  readonly channels: readonly ChannelView[];
  readonly evidence: EvidenceHead;
}

const recent = 20;

/** The status of the folder `dataDir` whose store is open. */
export async function readStatus(store: Store, dataDir: string): Promise<StoredStatus> {
  const { mode, actor, reason, fault } = readSwitch(dataDir);
  const standing = await standingOf(store);
  const incidents = await listIncidents(store, { states: ["open", "mitigating", "monitoring"], limit: recent });
  const actions = await listActions(store, { ids: standing.openActions });
  const dead = await listDead(store, 10);
  const open = await listFindings(store, { states: ["open", "acknowledged"], limit: 500 });
  return {
    mode,
    modeReason: `${actor}: ${reason}`,
    ...(fault === undefined ? {} : { modeFault: fault }),
    head: standing.head,
    frozen: standing.frozen,
    detectorTroubles: troublesIn(open),
    incidents: incidents.map(({ incident }) => ({
      id: incident.incident,
      state: incident.state,
      severity: incident.severity,
      subject: incident.subject,
      findings: incident.findings.length,
      ...afterOpening(incident),
    })),
    reports: reportsIn(open).slice(0, recent),
    reportsWaiting: listKept(dataDir).length,
    actions: actions.map(({ action, status }) => ({
      id: action.id,
      type: action.type,
      state: status?.state ?? "proposed",
      target: action.target,
      until: action.until,
    })),
    outbox: await countOutbox(store),
    deadLetters: dead.map(deadLetterOf),
    channels: await listChannels(store),
    evidence: await readHead(store),
  };
}

async function standingOf(store: Store) {
  // The one cell that says where the pipeline stands; reading them all would take long after a long life.
  const key = "c/standing/";
  const row = await store.db
    .selectFrom("cells")
    .select("value")
    .where("key", "=", JSON.stringify(key))
    .executeTakeFirst();
  return readStanding(openState(row === undefined ? [] : [[key, fromPlainJson<Plain>(row.value)]]));
}

function afterOpening({ openedAt, acknowledgedAt, mitigatedAt }: Incident): {
  acknowledgedAfter?: number;
  mitigatedAfter?: number;
} {
  // The block that opened it may have been orphaned since, for one with an earlier time.
  const after = (at: bigint) => Math.max(0, Number(at - openedAt));
  return {
    ...(acknowledgedAt === undefined ? {} : { acknowledgedAfter: after(acknowledgedAt) }),
    ...(mitigatedAt === undefined ? {} : { mitigatedAfter: after(mitigatedAt) }),
  };
}

function troublesIn(views: readonly FindingView[]): readonly DetectorTrouble[] {
  const troubles = new Map<string, DetectorTrouble>();
  for (const { finding, status } of views) {
    const { detector, what, message } = finding.evidence;
    if (finding.detector !== "self-health" || typeof detector !== "string" || status?.chain === "retracted") continue;
    const key = `${detector} ${what}`;
    // The newest comes first.
    if (!troubles.has(key)) troubles.set(key, { detector, what: String(what), message: String(message) });
  }
  return [...troubles.values()];
}

function reportsIn(views: readonly FindingView[]): readonly OpenReport[] {
  return views.flatMap(({ finding: { id, severity, reason, evidence, class: is }, status }) =>
    is !== "vulnerability"
      ? []
      : [{ finding: id, report: String(evidence.report), severity, work: status?.work ?? "open", reason }],
  );
}
