// The only state a detector may keep. A write goes to a draft; the draft of a block is applied together with an undo
// entry, so that a reorg gives back exactly what stood before (STREAM-01, STREAM-16). Eviction is a write like any other.

import { type Ewma, updateEwma } from "../math/ewma.ts";
import { addToWindow, sumOfWindow, type Window } from "../math/window.ts";
import type { BlockRef } from "./BlockBundle.ts";
import type { Plain } from "./canonicalJson.ts";

/** All cells of a pipeline by key. */
export type Cells = Map<string, Plain>;

/** What stood in the cells before a block's writes; `undefined` = the cell did not exist. */
export interface Undo {
  readonly ref: BlockRef;
  readonly before: readonly (readonly [key: string, value: Plain | undefined])[];
}

/** Writes that are not applied yet, over a base they read through to. */
export interface Draft {
  readonly base: ReadonlyMap<string, Plain>;
  readonly writes: Map<string, Plain | undefined>;
}

/** A detector's memory within one block. Keys are the detector's own; time is the block's. */
export interface Memory {
  get(key: string): Plain | undefined;
  set(key: string, value: Plain | undefined): void;
  /** Counts up by `by` (default 1) and returns the new value. */
  count(key: string, by?: number): number;
  /** Adds `amount` to a sliding sum over `spanSeconds` in `buckets` slices and returns the sum, in the amount's unit. */
  window(key: string, spanSeconds: number, amount: bigint, buckets?: number): bigint;
  /** Feeds `value` to an exponentially weighted mean and variance with decay `lambda`; returns both before the update. */
  ewma(key: string, value: number, lambda: number): Ewma | undefined;
}

export function openDraft(base: ReadonlyMap<string, Plain>): Draft {
  return { base, writes: new Map() };
}

export function readDraft(draft: Draft, key: string): Plain | undefined {
  return draft.writes.has(key) ? draft.writes.get(key) : draft.base.get(key);
}

/** Moves the writes of `inner` (a draft over `outer`'s view) into `outer`. */
export function mergeDraft(outer: Draft, inner: Draft): void {
  for (const [key, value] of inner.writes) outer.writes.set(key, value);
}

/** Gives a detector its memory: keys below `prefix`, time fixed to `timestamp` (Unix seconds). */
export function memoryOf(draft: Draft, prefix: string, timestamp: bigint): Memory {
  const get = (key: string) => readDraft(draft, prefix + key);
  const set = (key: string, value: Plain | undefined) => void draft.writes.set(prefix + key, value);
  return {
    get,
    set,
    count(key, by = 1) {
      const next = Number(get(key) ?? 0) + by;
      set(key, next);
      return next;
    },
    window(key, spanSeconds, amount, buckets = 60) {
      const next = addToWindow(get(key) as Window | undefined, { timestamp, amount, spanSeconds, buckets });
      set(key, next);
      return sumOfWindow(next);
    },
    ewma(key, value, lambda) {
      const before = get(key) as Ewma | undefined;
      set(key, updateEwma(before, value, lambda));
      return before;
    },
  };
}

/** Applies `draft` to `cells` and returns what undoes it. */
export function applyDraft(cells: Cells, draft: Draft, ref: BlockRef): Undo {
  const before: [string, Plain | undefined][] = [];
  for (const [key, value] of draft.writes) {
    before.push([key, cells.get(key)]);
    put(cells, key, value);
  }
  return { ref, before };
}

/** Takes the writes of one block back. Entries must be undone newest block first. */
export function applyUndo(cells: Cells, undo: Undo): void {
  for (const [key, value] of undo.before) put(cells, key, value);
}

function put(cells: Cells, key: string, value: Plain | undefined): void {
  if (value === undefined) cells.delete(key);
  else cells.set(key, value);
}
