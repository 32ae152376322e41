import { type Evidence, type EvidenceFault, firstPrevious, verifyEvidence } from "@testudo/core/model/Evidence";
import type { Hex } from "@testudo/core/model/Hex";
import type { EvidenceRecord } from "@testudo/core/model/Output";
import { fromPlainJson, toPlainJson } from "@testudo/core/model/plainJson";
import { isIntact, type RecordBase } from "@testudo/core/model/Record";
import { aboutOf, stateOf } from "./aboutOf.ts";
import type { EvidenceHead } from "./loadState.ts";
import type { Store } from "./Store.ts";
import type { FaultDraft } from "./StoreFault.ts";
import type { Tables } from "./Tables.ts";

/** How far the chain was read and what stopped it. */
export interface ChainVerdict {
  readonly fault?: FaultDraft;
  readonly links: number;
  readonly records: number;
}

const pageSize = 500;

/** Reads evidence and records in pages; every record must be named by its link, in order, and nothing else be there. */
export async function findChainFault(store: Store, expectedHead?: EvidenceHead): Promise<ChainVerdict> {
  let previous: Hex = firstPrevious;
  let links = 0;
  let records = 0;
  let lastSeq = 0;
  let seen = expectedHead === undefined || expectedHead.sequence < 0;
  for (;;) {
    const page = await store.db
      .selectFrom("evidence")
      .selectAll()
      .where("sequence", ">=", links)
      .orderBy("sequence")
      .limit(pageSize)
      .execute();
    if (page.length === 0) break;
    const chain = page.map((row) => parseBody<Evidence>(row.body));
    const fault = findLinkFault(page, chain, previous, links);
    if (fault) return { fault, links, records };
    const rows = await recordsOf(store, links, links + page.length - 1);
    for (const link of chain as Evidence[]) {
      const own = rows.get(link.sequence) ?? [];
      const wrong = findRecordsFault(link, own, lastSeq);
      if (wrong) return { fault: wrong, links, records };
      lastSeq = own.at(-1)?.seq ?? lastSeq;
      records += own.length;
      if (link.sequence === expectedHead?.sequence) seen = link.id === expectedHead.id;
      previous = link.id;
    }
    links += page.length;
  }
  const fault = (await findLooseRecord(store, links)) ?? (seen ? undefined : headFault(expectedHead!, links, previous));
  return { ...(fault && { fault }), links, records };
}

function headFault(expected: EvidenceHead, links: number, head: Hex): FaultDraft {
  const what = `The chain does not hold link ${expected.sequence} with id ${expected.id}; it ends at ${links - 1} with ${head}.`;
  return { table: "evidence", sequence: Math.min(expected.sequence, links), what };
}

function findLinkFault(
  rows: readonly Tables["evidence"][],
  chain: readonly (Evidence | undefined)[],
  previous: Hex,
  start: number,
): FaultDraft | undefined {
  const bad = chain.findIndex((link, i) => link === undefined || !agrees(rows[i]!, link));
  const good = (bad < 0 ? chain : chain.slice(0, bad)) as Evidence[];
  const fault = verifyEvidence(good, previous, start);
  if (fault) return { table: "evidence", sequence: fault.sequence, what: describe(fault) };
  if (bad < 0) return undefined;
  const sequence = start + bad;
  if (rows[bad]!.sequence !== sequence) return { table: "evidence", sequence, what: `Link ${sequence} is missing.` };
  return { table: "evidence", sequence, row: rows[bad]!.id, what: `Link ${sequence} was altered.` };
}

function agrees(row: Tables["evidence"], link: Evidence): boolean {
  return row.id === link.id && row.sequence === link.sequence && row.previous === link.previous;
}

function describe(fault: EvidenceFault): string {
  switch (fault.fault) {
    case "altered":
      return `Link ${fault.sequence} was altered: its content does not give its id ${fault.id}.`;
    case "gap":
      return `Link ${fault.sequence} is missing: link ${fault.found} stands in its place.`;
    case "unlinked":
      return `Link ${fault.sequence} (${fault.id}) does not name the link before it.`;
  }
}

async function recordsOf(store: Store, from: number, to: number): Promise<Map<number, Tables["records"][]>> {
  const groups = new Map<number, Tables["records"][]>();
  let after = -1;
  for (;;) {
    const page = await store.db
      .selectFrom("records")
      .selectAll()
      .where("evidence_seq", ">=", from)
      .where("evidence_seq", "<=", to)
      .where("seq", ">", after)
      .orderBy("seq")
      .limit(pageSize)
      .execute();
    for (const row of page) groups.set(row.evidence_seq, [...(groups.get(row.evidence_seq) ?? []), row]);
    if (page.length < pageSize) return groups;
    after = page.at(-1)!.seq;
  }
}

function findRecordsFault(link: Evidence, rows: readonly Tables["records"][], lastSeq: number): FaultDraft | undefined {
  const at = { table: "records", sequence: link.sequence };
  for (const [i, row] of rows.entries()) {
    const what = whatIsWrong(row);
    if (what) return { ...at, row: row.id, what };
    if (row.id !== link.from[i])
      return { ...at, row: row.id, what: `Record ${row.id} does not stand where link ${link.sequence} names it.` };
    if (row.seq <= lastSeq)
      return { ...at, row: row.id, what: `Record ${row.id} was moved before records of an earlier link.` };
  }
  const missing = link.from[rows.length];
  return missing && { ...at, row: missing, what: `Record ${missing} of link ${link.sequence} is missing.` };
}

function whatIsWrong(row: Tables["records"]): string | undefined {
  const record = parseBody<EvidenceRecord>(row.body);
  if (!record || record.id !== row.id || !isIntact(record))
    return `Record ${row.id} was altered: its content does not give its id.`;
  const columns = record.kind === row.kind && aboutOf(record) === row.about && stateOf(record) === row.state;
  return columns ? undefined : `Columns of record ${row.id} do not agree with its content.`;
}

async function findLooseRecord(store: Store, links: number): Promise<FaultDraft | undefined> {
  const row = await store.db
    .selectFrom("records")
    .select(["id", "evidence_seq"])
    .where((e) => e.or([e("evidence_seq", ">=", links), e("evidence_seq", "<", 0)]))
    .limit(1)
    .executeTakeFirst();
  return (
    row && {
      table: "records",
      sequence: row.evidence_seq,
      row: row.id,
      what: `Record ${row.id} belongs to link ${row.evidence_seq}, which is missing.`,
    }
  );
}

/** The value of a body, or undefined when it is not exactly what was once written. */
export function parseBody<T extends RecordBase | object>(body: string): T | undefined {
  try {
    const value = fromPlainJson<T>(body);
    return toPlainJson(value) === body ? value : undefined;
  } catch {
    return undefined;
  }
}
