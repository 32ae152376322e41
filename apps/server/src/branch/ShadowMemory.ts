import type { BlockRef } from "@testudo/core/model/BlockBundle";
import type { Plain } from "@testudo/core/model/canonicalJson";
import type { Undo } from "@testudo/core/model/Memory";
import type { Commit } from "@testudo/core/model/Output";
import type { StoredState } from "../jobs/step/stepper.ts";
import { weightOfPlain } from "./weightOfPlain.ts";

/** What a pipeline would have stored, in memory: whatever a thread needs that takes the place of a lost one. */
export interface ShadowMemory {
  readonly cursor: BlockRef;
  /** Blocks that can still be taken back, oldest first. */
  refs(): readonly BlockRef[];
  state(): StoredState;
  /** Throws `ShadowFull` where it has grown beyond its bound. */
  apply(commit: Commit): void;
}

// It stands in the process of the main watch, beside what the thread itself remembers, and a branch may be made to fill it.
const mostGrowthBytes = 256 * 1024 * 1024;

/** Makes it of a state that stands after block `cursor`. It may grow by `mostGrowth` bytes. */
export function makeShadowMemory(
  { cells, undo }: StoredState,
  cursor: BlockRef,
  mostGrowth: number = mostGrowthBytes,
): ShadowMemory {
  const kept = new Map(cells);
  const journal: Undo[] = [...undo];
  let last = cursor;
  let growth = 0;
  return {
    get cursor() {
      return last;
    },
    refs: () => journal.map(({ ref }) => ref),
    state: () => ({ cells: [...kept], undo: [...journal] }),
    apply({ cells: changed, undo: change, cursor: moved }) {
      for (const [key, value] of changed) {
        growth += weightOfCell(key, value) - weightOfCell(key, kept.get(key));
        if (value === undefined) kept.delete(key);
        else kept.set(key, value);
      }
      if (change !== null) growth += applyChange(journal, change);
      if (moved !== undefined) last = moved;
      if (growth > mostGrowth) throw new ShadowFull(growth, mostGrowth);
    },
  };
}

/** Returns by how many bytes the journal has grown. */
function applyChange(journal: Undo[], change: NonNullable<Commit["undo"]>): number {
  if ("push" in change) {
    journal.push(change.push);
    return weightOfUndo(change.push);
  }
  const gone =
    "popNewest" in change ? journal.splice(journal.length - change.popNewest) : journal.splice(0, change.dropOldest);
  return -gone.reduce((sum, undo) => sum + weightOfUndo(undo), 0);
}

function weightOfUndo({ before }: Undo): number {
  return before.reduce((sum, [key, value]) => sum + weightOfCell(key, value), 300);
}

function weightOfCell(key: string, value: Plain | undefined): number {
  return value === undefined ? 0 : 100 + key.length + weightOfPlain(value);
}

/** What is remembered of a branch takes more room than it may. */
export class ShadowFull extends Error {
  override readonly name = "ShadowFull";
  constructor(growth: number, most: number) {
    super(
      [
        `What is remembered of it has grown by ${growth} bytes.`,
        `- At most ${most} are allowed, for it stands beside what the main watch remembers.`,
        "- Somebody may make the branch up; take its nodes out of `rpc`.",
      ].join("\n"),
    );
  }
}
