import type { BlockRef } from "@testudo/core/model/BlockBundle";
import type { Undo } from "@testudo/core/model/Memory";
import type { Commit } from "@testudo/core/model/Output";
import type { StoredState } from "../jobs/stepper.ts";

/** What a pipeline would have stored, in memory: whatever a thread needs that takes the place of a lost one. */
export interface ShadowMemory {
  readonly cursor: BlockRef;
  /** Blocks that can still be taken back, oldest first. */
  refs(): readonly BlockRef[];
  state(): StoredState;
  apply(commit: Commit): void;
}

/** Makes it of a state that stands after block `cursor`. */
export function makeShadowMemory({ cells, undo }: StoredState, cursor: BlockRef): ShadowMemory {
  const kept = new Map(cells);
  const journal: Undo[] = [...undo];
  let last = cursor;
  return {
    get cursor() {
      return last;
    },
    refs: () => journal.map(({ ref }) => ref),
    state: () => ({ cells: [...kept], undo: [...journal] }),
    apply({ cells: changed, undo: change, cursor: moved }) {
      for (const [key, value] of changed) {
        if (value === undefined) kept.delete(key);
        else kept.set(key, value);
      }
      if (change !== null) applyChange(journal, change);
      if (moved !== undefined) last = moved;
    },
  };
}

function applyChange(journal: Undo[], change: NonNullable<Commit["undo"]>): void {
  if ("push" in change) journal.push(change.push);
  else if ("popNewest" in change) journal.splice(journal.length - change.popNewest);
  else journal.splice(0, change.dropOldest);
}
