// A status is the last record about its subject: these are folds over frozen records, nothing is updated.
import type { Action } from "@testudo/core/model/Action";
import type { ActionStatus } from "@testudo/core/model/ActionStatus";
import type { Approval } from "@testudo/core/model/Approval";
import type { Finding } from "@testudo/core/model/Finding";
import type { FindingStatus } from "@testudo/core/model/FindingStatus";
import type { Incident } from "@testudo/core/model/Incident";
import type { EvidenceRecord } from "@testudo/core/model/Output";
import { fromPlainJson } from "@testudo/core/model/plainJson";
import type { Simulation } from "@testudo/core/model/Simulation";
import { sql } from "kysely";
import { listRecords, type StoredRecord } from "./listRecords.ts";
import type { Store } from "./Store.ts";

/** A finding as it stands. `status` is undefined before its first transition. */
export interface FindingView {
  readonly seq: number;
  readonly finding: Finding;
  readonly status: FindingStatus | undefined;
}

/** An incident as it stands: its newest record. */
export interface IncidentView {
  readonly seq: number;
  readonly incident: Incident;
}

/** An action as it stands, with what its guardians need to judge it. */
export interface ActionView {
  readonly seq: number;
  readonly action: Action;
  readonly status: ActionStatus | undefined;
  readonly history: readonly ActionStatus[];
  readonly simulation: Simulation | undefined;
  readonly approvals: readonly Approval[];
}

/** Which subjects: newest first, at most `limit` (default 100), before `beforeSeq`, in the given states, with the given ids. */
export interface ViewFilter {
  readonly limit?: number;
  readonly beforeSeq?: number;
  /** Work status of findings, state of incidents and actions. */
  readonly states?: readonly string[];
  readonly ids?: readonly string[];
}

/** Findings with their current status, newest finding first. */
export async function listFindings(store: Store, filter: ViewFilter = {}): Promise<FindingView[]> {
  const found = await listSubjects<Finding>(store, "Finding", "FindingStatus", filter);
  const statuses = await lastAbout<FindingStatus>(
    store,
    "FindingStatus",
    found.map((f) => f.record.id),
  );
  return found.map(({ seq, record }) => ({ seq, finding: record, status: statuses.get(record.id) }));
}

/** Incidents by their newest record, the one that changed last first. */
export async function listIncidents(store: Store, filter: ViewFilter = {}): Promise<IncidentView[]> {
  if (filter.ids?.length === 0) return [];
  let query = store.db
    .selectFrom("records as r")
    .select(["seq", "body"])
    .where("kind", "=", "Incident")
    .where(
      sql<boolean>`not exists (select 1 from records n where n.about = r.about and n.kind = r.kind and n.seq > r.seq)`,
    );
  if (filter.states) query = query.where("state", "in", filter.states);
  if (filter.ids) query = query.where("about", "in", filter.ids);
  if (filter.beforeSeq !== undefined) query = query.where("seq", "<", filter.beforeSeq);
  const rows = await query
    .orderBy("seq", "desc")
    .limit(filter.limit ?? 100)
    .execute();
  return rows.map((row) => ({ seq: row.seq, incident: fromPlainJson<Incident>(row.body) }));
}

/** Actions with their current status, simulation and approvals, newest action first. */
export async function listActions(store: Store, filter: ViewFilter = {}): Promise<ActionView[]> {
  const found = await listSubjects<Action>(store, "Action", "ActionStatus", filter);
  const rest = await listRecords(store, {
    kinds: ["ActionStatus", "Simulation", "Approval"],
    about: found.map((f) => f.record.id),
    limit: 100_000,
  });
  return found.map(({ seq, record }) =>
    toActionView(
      seq,
      record,
      rest.map((r) => r.record),
    ),
  );
}

function toActionView(seq: number, action: Action, all: readonly EvidenceRecord[]): ActionView {
  const history = all.filter((r): r is ActionStatus => r.kind === "ActionStatus" && r.action === action.id);
  return {
    seq,
    action,
    status: history.at(-1),
    history,
    simulation: all.findLast((r): r is Simulation => r.kind === "Simulation" && r.action === action.id),
    approvals: all.filter((r): r is Approval => r.kind === "Approval" && r.action === action.id),
  };
}

/** Subjects of `kind`, newest first; `states` compares with the last record of kind `status` about each. */
async function listSubjects<R extends Finding | Action>(
  store: Store,
  kind: R["kind"],
  status: "FindingStatus" | "ActionStatus",
  filter: ViewFilter,
): Promise<StoredRecord<R>[]> {
  if (filter.ids?.length === 0 || filter.states?.length === 0) return [];
  let query = store.db.selectFrom("records as r").select(["seq", "evidence_seq", "body"]).where("kind", "=", kind);
  if (filter.ids) query = query.where("id", "in", filter.ids);
  if (filter.beforeSeq !== undefined) query = query.where("seq", "<", filter.beforeSeq);
  if (filter.states)
    query = query.where(
      sql`(select s.state from records s where s.about = r.about and s.kind = ${status} order by s.seq desc limit 1)`,
      "in",
      filter.states,
    );
  const rows = await query
    .orderBy("seq", "desc")
    .limit(filter.limit ?? 100)
    .execute();
  return rows.map((row) => ({ seq: row.seq, evidenceSequence: row.evidence_seq, record: fromPlainJson<R>(row.body) }));
}

/** The last record of `kind` about each of `ids`. */
export async function lastAbout<R extends EvidenceRecord>(
  store: Store,
  kind: R["kind"],
  ids: readonly string[],
): Promise<Map<string, R>> {
  if (ids.length === 0) return new Map();
  const rows = await store.db
    .selectFrom("records")
    .distinctOn("about")
    .select(["about", "body"])
    .where("kind", "=", kind)
    .where("about", "in", ids)
    .orderBy("about")
    .orderBy("seq", "desc")
    .execute();
  return new Map(rows.map((row) => [row.about as string, fromPlainJson<R>(row.body)]));
}
