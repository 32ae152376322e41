import type { BlockRef } from "@testudo/core/model/BlockBundle";
import type { Undo } from "@testudo/core/model/Memory";
import type { Commit } from "@testudo/core/model/Output";
import { toPlainJson } from "@testudo/core/model/plainJson";
import type { Transaction } from "kysely";
import { type SumChange, sumOf } from "./checksums.ts";
import { chunksOf } from "./chunksOf.ts";
import type { Tables } from "./Tables.ts";

/** Positions of the stored undo entries; without gaps, `last` is `first - 1` when there are none. */
export interface UndoRange {
  readonly first: number;
  readonly last: number;
}

/** What the undo changes of several commits come to: a new range, and entries to insert at the end of it. */
interface UndoPlan {
  first: number;
  /** Newest stored entry that stays. */
  kept: number;
  readonly pushed: Undo[];
}

/** Appends, pops and drops undo entries as `commits` say. Throws UndoRangeError when more is taken than there is. */
export async function writeUndo(
  trx: Transaction<Tables>,
  sums: SumChange,
  commits: readonly Commit[],
  range: UndoRange,
): Promise<void> {
  const plan = planUndo(commits, range);
  if (plan.first > range.first || plan.kept < range.last) {
    const gone = await trx
      .deleteFrom("undo")
      .where((e) => e.or([e("position", "<", plan.first), e("position", ">", plan.kept)]))
      .returning("sum")
      .execute();
    sums.remove(
      "undo",
      gone.map((row) => row.sum),
    );
  }
  const rows = plan.pushed.map((undo, i) => {
    const position = Math.max(plan.kept + 1, plan.first) + i;
    const body = toPlainJson(undo);
    return { position, body, sum: sumOf(position, body) };
  });
  for (const chunk of chunksOf(rows)) await trx.insertInto("undo").values(chunk).execute();
  sums.add(
    "undo",
    rows.map((row) => row.sum),
  );
}

function planUndo(commits: readonly Commit[], { first, last }: UndoRange): UndoPlan {
  const plan: UndoPlan = { first, kept: last, pushed: [] };
  for (const { undo } of commits) {
    if (undo === null) continue;
    if ("push" in undo) plan.pushed.push(undo.push);
    else if ("popNewest" in undo) popNewest(plan, undo.popNewest);
    else dropOldest(plan, undo.dropOldest);
  }
  return plan;
}

function popNewest(plan: UndoPlan, count: number): void {
  assertHas(plan, count);
  const fromPushed = Math.min(count, plan.pushed.length);
  plan.pushed.length -= fromPushed;
  plan.kept -= count - fromPushed;
}

function dropOldest(plan: UndoPlan, count: number): void {
  assertHas(plan, count);
  const fromStored = Math.min(count, plan.kept - plan.first + 1);
  plan.first += fromStored;
  plan.pushed.splice(0, count - fromStored);
}

function assertHas(plan: UndoPlan, count: number): void {
  const has = plan.kept - plan.first + 1 + plan.pushed.length;
  if (count > has) throw new UndoRangeError(count, has);
}

/** Sets the cursor to `ref`. */
export async function writeCursor(trx: Transaction<Tables>, sums: SumChange, ref: BlockRef): Promise<void> {
  const before = await trx.selectFrom("cursor").select("sum").execute();
  sums.remove(
    "cursor",
    before.map((row) => row.sum),
  );
  const body = toPlainJson(ref);
  const row = { one: 1, body, sum: sumOf(body) };
  sums.add("cursor", [row.sum]);
  await trx
    .insertInto("cursor")
    .values(row)
    .onConflict((c) => c.column("one").doUpdateSet({ body: row.body, sum: row.sum }))
    .execute();
}

/** A commit takes back more blocks than the store can undo. */
export class UndoRangeError extends Error {
  override readonly name = "UndoRangeError";
  constructor(asked: number, has: number) {
    super(
      `A commit takes back ${asked} blocks.\n- The store holds undo entries for ${has}.\n` +
        "- The reorg is deeper than what was kept: start again from a snapshot or a fresh data folder.",
    );
  }
}
