import type { Notice } from "@testudo/core/model/Notice";
import type { Commit } from "@testudo/core/model/Output";
import { toPlainJson } from "@testudo/core/model/plainJson";
import type { Insertable, Transaction } from "kysely";
import { aboutOf, stateOf } from "./aboutOf.ts";
import { type SumChange, sumOf } from "./checksums.ts";
import { chunksOf } from "./chunksOf.ts";
import type { FeedEntry } from "./readFeed.ts";
import type { Tables } from "./Tables.ts";

/** Inserts the evidence and the records of `commits`, numbered on from `seq`; returns the records' feed entries. */
export async function writeRecords(
  trx: Transaction<Tables>,
  commits: readonly Commit[],
  seq: number,
): Promise<FeedEntry[]> {
  const links = commits.map(({ evidence: e }) => ({
    sequence: e.sequence,
    id: e.id,
    previous: e.previous,
    body: toPlainJson(e),
  }));
  for (const chunk of chunksOf(links)) await trx.insertInto("evidence").values(chunk).execute();
  let last = seq;
  const rows = commits.flatMap(({ evidence, records }) =>
    records.map((record) => ({
      seq: ++last,
      id: record.id,
      kind: record.kind,
      about: aboutOf(record),
      state: stateOf(record),
      body: toPlainJson(record),
      evidence_seq: evidence.sequence,
    })),
  );
  for (const chunk of chunksOf(rows)) await trx.insertInto("records").values(chunk).execute();
  return rows.map(({ seq, kind, body }) => ({ seq, kind, body }));
}

/** What `writeNotices` needs beside the transaction; `now` in Unix milliseconds. */
export interface NoticeJob {
  readonly commits: readonly (Pick<Commit, "notices"> & { readonly evidence: Pick<Commit["evidence"], "sequence"> })[];
  readonly afterSeq: number;
  readonly channels: readonly string[];
  readonly now: number;
}

/**
 * Inserts the notices of `commits` and one outbox row for each and every channel; returns the feed entries of those
 * that were new. A notice whose id is there already is the same notice (FIND-02).
 */
export async function writeNotices(trx: Transaction<Tables>, sums: SumChange, job: NoticeJob): Promise<FeedEntry[]> {
  let seq = job.afterSeq;
  const rows = job.commits.flatMap(({ evidence, notices }) =>
    notices.map((notice) => {
      const body = toPlainJson(notice);
      const sum = sumOf(notice.id, notice.thread, body, evidence.sequence);
      return { seq: ++seq, id: notice.id, thread: notice.thread, body, evidence_seq: evidence.sequence, sum };
    }),
  );
  const urgent = new Set(job.commits.flatMap(({ notices }) => notices.filter(isUrgent).map(({ id }) => id as string)));
  const fresh: typeof rows = [];
  for (const chunk of chunksOf(rows)) fresh.push(...(await insertNotices(trx, chunk)));
  sums.add(
    "notices",
    fresh.map((row) => row.sum),
  );
  const outbox = fresh.flatMap((row) =>
    job.channels.map((channel) => outboxRow({ ...row, urgent: urgent.has(row.id) }, channel, job.now)),
  );
  for (const chunk of chunksOf(outbox)) await trx.insertInto("outbox").values(chunk).execute();
  sums.add(
    "outbox",
    outbox.map((row) => row.sum),
  );
  return fresh.map(({ seq, body }) => ({ seq, kind: "Notice", body }));
}

async function insertNotices<Row extends Insertable<Tables["notices"]>>(
  trx: Transaction<Tables>,
  chunk: Row[],
): Promise<Row[]> {
  const inserted = await trx
    .insertInto("notices")
    .values(chunk)
    .onConflict((c) => c.column("id").doNothing())
    .returning("seq")
    .execute();
  const seqs = new Set(inserted.map((row) => row.seq));
  return chunk.filter((row) => seqs.has(row.seq));
}

/** Whether it goes before others and on its own, whatever storm there is (DELIV-03). */
function isUrgent({ severity, transition }: Notice): boolean {
  return severity === "critical" || transition === "test";
}

function outboxRow(
  notice: { readonly id: string; readonly thread: string; readonly urgent: boolean },
  channel: string,
  now: number,
) {
  const fixed = { notice_id: notice.id, channel, thread: notice.thread, created_at: now };
  return {
    ...fixed,
    state: "pending" as const,
    attempts: 0,
    next_at: now,
    last_error: null,
    sent_at: null,
    urgent: notice.urgent,
    sum: sumOf(notice.id, channel, notice.thread, now),
  };
}
