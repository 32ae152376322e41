import type { BlockRef } from "@testudo/core/model/BlockBundle";
import type { Plain } from "@testudo/core/model/canonicalJson";
import { firstPrevious } from "@testudo/core/model/Evidence";
import type { Hex } from "@testudo/core/model/Hex";
import type { Cells, Undo } from "@testudo/core/model/Memory";
import type { Command } from "@testudo/core/model/Output";
import { fromPlainJson } from "@testudo/core/model/plainJson";
import { loadUndo } from "./loadUndo.ts";
import type { Store } from "./Store.ts";
import { listCommands } from "./writeCommands.ts";

/** The last link of the chain of evidence; `sequence` is -1 and `id` zero before the first. */
export interface EvidenceHead {
  readonly sequence: number;
  readonly id: Hex;
}

/** What a pipeline needs to go on where the last one was stopped. */
export interface StoredState {
  readonly cells: Cells;
  /** Oldest first. */
  readonly undo: readonly Undo[];
  readonly cursor: BlockRef | null;
  readonly head: EvidenceHead;
  /** Commands whose effect has not come back: to be given again. */
  readonly commands: readonly Command[];
}

/** Everything a restart needs, as of the last commit. */
export async function loadState(store: Store): Promise<StoredState> {
  const cells = await store.db.selectFrom("cells").select(["key", "value"]).execute();
  const undo = await loadUndo(store);
  const cursor = await store.db.selectFrom("cursor").select("body").executeTakeFirst();
  return {
    cells: new Map(
      cells
        .map((row) => [JSON.parse(row.key) as string, fromPlainJson<Plain>(row.value)] as const)
        // Earlier versions left a null where a reorg after a new start took back what had not existed before.
        .filter(([, value]) => value !== null),
    ),
    undo,
    cursor: cursor ? fromPlainJson<BlockRef>(cursor.body) : null,
    head: await readHead(store),
    commands: await listCommands(store),
  };
}

/** The head of the chain of evidence, to be kept elsewhere: a truncated chain shows only against it. */
export async function readHead(store: Store): Promise<EvidenceHead> {
  const row = await store.db
    .selectFrom("evidence")
    .select(["sequence", "id"])
    .orderBy("sequence", "desc")
    .limit(1)
    .executeTakeFirst();
  return row ? { sequence: row.sequence, id: row.id as Hex } : { sequence: -1, id: firstPrevious };
}

/**
 * Blocks that can still be undone, newest first, at most `count`: where a stream finds the common ancestor after a
 * restart (STREAM-11). Reaches back to the last finalized block.
 */
export async function recentRefs(store: Store, count = 256): Promise<BlockRef[]> {
  const rows = await store.db.selectFrom("undo").select("body").orderBy("position", "desc").limit(count).execute();
  return rows.map((row) => fromPlainJson<Undo>(row.body).ref);
}
