import { isTerminal } from "@testudo/core/model/ActionStatus";
import type { Evidence } from "@testudo/core/model/Evidence";
import { firstPrevious } from "@testudo/core/model/Evidence";
import type { Hex } from "@testudo/core/model/Hex";
import type { Command, Commit } from "@testudo/core/model/Output";
import { sql, type Transaction } from "kysely";
import { openSumChange, type SumChange } from "./checksums.ts";
import { dropUnsent } from "./leaseNonce.ts";
import type { FeedEntry } from "./readFeed.ts";
import type { Store } from "./Store.ts";
import type { Tables } from "./Tables.ts";
import { writeCells } from "./writeCells.ts";
import { writeCommands } from "./writeCommands.ts";
import { writeNotices, writeRecords } from "./writeRecords.ts";
import { writeCursor, writeUndo } from "./writeUndo.ts";

/** What a call of `applyCommits` did. */
export interface Applied {
  /** When the database had it, in Unix milliseconds. */
  readonly committedAtMs: number;
  /** Links of the chain of evidence that were new. */
  readonly stored: number;
  /** Links that stood there already, from before a crash. */
  readonly ignored: number;
  /** What is new for readers of the feed, in order; to be published on the bus. */
  readonly entries: readonly FeedEntry[];
}

/** Commits between two rounds of tidying; some 10 MB of write-ahead log. */
const tidyEvery = 2_048;

/** Where the store stands before a transaction. */
interface Heads {
  readonly sequence: number;
  readonly id: string;
  readonly seq: number;
  readonly undoFirst: number;
  readonly undoLast: number;
}

/**
 * Stores `commits` (in order) with the `commands` they led to, in one database transaction: all of it or nothing
 * (STREAM-12). Each new notice gets one outbox row per channel (FIND-02). A commit whose sequence is stored already is
 * ignored, so that a driver may repeat itself after a crash. Throws CommitOrderError on a gap, on another chain of
 * evidence and on records that the evidence does not link.
 */
export async function applyCommits(
  store: Store,
  commits: readonly Commit[],
  commands: readonly Command[],
  channels: readonly string[],
): Promise<Applied> {
  const result = await store.db.transaction().execute(async (trx) => {
    const heads = await readHeads(trx);
    const fresh = freshOf(commits, heads);
    const sums = openSumChange();
    const entries = await writeFresh(trx, fresh, heads, { sums, channels, now: store.now() });
    await writeCommands(trx, sums, { commits: fresh, commands, now: store.now() });
    // With the end of an action, which may come where no sender runs.
    for (const action of endedBy(fresh)) await dropUnsent(trx, action);
    await sums.write(trx);
    const last = fresh.at(-1)?.evidence.sequence ?? heads.sequence;
    const untidy = Math.floor((last + 1) / tidyEvery) > Math.floor((heads.sequence + 1) / tidyEvery);
    return { untidy, stored: fresh.length, ignored: commits.length - fresh.length, entries };
  });
  const { untidy, ...applied } = result;
  const committedAtMs = store.now();
  if (untidy) await store.tidy();
  return { committedAtMs, ...applied };
}

async function writeFresh(
  trx: Transaction<Tables>,
  fresh: readonly Commit[],
  heads: Heads,
  { sums, channels, now }: { readonly sums: SumChange; readonly channels: readonly string[]; readonly now: number },
): Promise<readonly FeedEntry[]> {
  if (fresh.length === 0) return [];
  const entries = [
    ...(await writeRecords(trx, fresh, heads.seq)),
    ...(await writeNotices(trx, sums, { commits: fresh, afterSeq: seqAfterRecords(fresh, heads.seq), channels, now })),
  ];
  await writeCells(
    trx,
    sums,
    fresh.flatMap((commit) => commit.cells),
  );
  await writeUndo(trx, sums, fresh, { first: heads.undoFirst, last: heads.undoLast });
  const cursor = fresh.findLast((commit) => commit.cursor !== undefined)?.cursor;
  if (cursor) await writeCursor(trx, sums, cursor);
  return entries;
}

function endedBy(commits: readonly Commit[]): readonly Hex[] {
  return commits.flatMap(({ records }) =>
    records.flatMap((record) => (record.kind === "ActionStatus" && isTerminal(record.state) ? record.action : [])),
  );
}

function seqAfterRecords(commits: readonly Commit[], seq: number): number {
  return seq + commits.reduce((sum, commit) => sum + commit.records.length, 0);
}

async function readHeads(trx: Transaction<Tables>): Promise<Heads> {
  const { rows } = await sql<Heads>`select
    coalesce((select max(sequence) from evidence), -1)::int8 as "sequence",
    coalesce((select id from evidence order by sequence desc limit 1), ${firstPrevious}) as "id",
    greatest((select max(seq) from records), (select max(seq) from notices), 0)::int8 as "seq",
    coalesce((select min(position) from undo), 0)::int8 as "undoFirst",
    coalesce((select max(position) from undo), -1)::int8 as "undoLast"`.execute(trx);
  return rows[0]!;
}

/** Drops what is stored already and checks that the rest continues the chain. */
function freshOf(commits: readonly Commit[], heads: Heads): readonly Commit[] {
  const fresh = commits.filter((commit) => commit.evidence.sequence > heads.sequence);
  let { sequence, id } = heads;
  for (const { evidence, records } of fresh) {
    if (evidence.sequence !== sequence + 1) throw new CommitOrderError(evidence, `the store stands at ${sequence}`);
    if (evidence.previous !== id)
      throw new CommitOrderError(evidence, `its "previous" is ${evidence.previous}, the store's head is ${id}`);
    const linked =
      records.length === evidence.from.length && records.every((record, i) => record.id === evidence.from[i]);
    if (!linked)
      throw new CommitOrderError(evidence, `its "from" does not name its ${records.length} records in order`);
    sequence = evidence.sequence;
    id = evidence.id;
  }
  return fresh;
}

/** A commit does not continue what is stored. Not retryable: the pipeline has to start again from the store. */
export class CommitOrderError extends Error {
  override readonly name = "CommitOrderError";
  constructor(evidence: Evidence, why: string) {
    super(
      `Commit ${evidence.sequence} (evidence ${evidence.id}) does not continue the store: ${why}.\n` +
        "- Commits follow each other without a gap, each linked to the one before and to its own records.\n" +
        "- Load the state from the store again and judge from its cursor.",
    );
  }
}
