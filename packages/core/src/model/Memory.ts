// The only state a detector may keep. A write goes to a draft; the draft of a block is applied together with an undo
// entry, so that a reorg gives back exactly what stood before (STREAM-01, STREAM-16). Eviction is a write like any other.

import { type Cusum, type CusumTarget, updateCusum } from "../math/cusum.ts";
import { type Ewma, updateEwma } from "../math/ewma.ts";
import { addToSketch, countOfSketch, freshSlices, quantileOf, type Sketch } from "../math/quantile.ts";
import { addToWindow, sumOfWindow, sumOfWindowAt, type Window } from "../math/window.ts";
import type { BlockRef } from "./BlockBundle.ts";
import type { Plain } from "./canonicalJson.ts";
import { type MemoryTable, type TableCells, type TableSize, tableOf } from "./MemoryTable.ts";

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
  /** The sliding sum as it stands, without adding. */
  windowSum(key: string, spanSeconds: number, buckets?: number): bigint;
  /** Feeds `value` to an exponentially weighted mean and variance with decay `lambda`; returns both before the update. */
  ewma(key: string, value: number, lambda: number): Ewma | undefined;
  /** Feeds `value` to a one-sided cumulative sum max(0, S + value - target - slack) and returns it after the update. */
  cusum(key: string, value: number, target: CusumTarget): Cusum;
  /** Feeds `value` to a sketch of all values, or of those of the last `spanSeconds`; returns it before the update. */
  quantile(key: string, value: number, options?: QuantileOptions): Quantile;
  /** The sketch as it stands, without feeding it. */
  quantileNow(key: string, options?: QuantileOptions): Quantile;
  /** A bounded table of rows below `key`; which row goes is fixed by the order of writing. */
  table<V extends Plain = Plain>(key: string, size: TableSize): MemoryTable<V>;
  /** The same memory in the rows of a table: whoever chooses the keys of what is kept there makes no more than its limit of them. */
  rows(key: string, size: TableSize): Memory;
}

/** What a sketch of quantiles keeps; the same at every use of a key. */
export interface QuantileOptions {
  /** Relative error; default 0.02. */
  readonly accuracy?: number;
  /** Absent: values are never forgotten. */
  readonly spanSeconds?: number;
  /** Slices of the span that are forgotten one at a time; default 12. */
  readonly slices?: number;
}

/** A sketch at one moment. */
export interface Quantile {
  readonly count: number;
  /** The `p`-quantile (0 to 1) within the sketch's relative error; undefined where nothing was fed. */
  at(p: number): number | undefined;
}

export function openDraft(base: ReadonlyMap<string, Plain>): Draft {
  return { base, writes: new Map() };
}

export function readDraft(draft: Draft, key: string): Plain | undefined {
  return draft.writes.has(key) ? draft.writes.get(key) : draft.base.get(key);
}

// What came and went within the block was never there: a stranger can have a table of a thousand rows take in ten thousand.
function writeDraft(draft: Draft, key: string, value: Plain | undefined): void {
  if (value === undefined && !draft.base.has(key)) draft.writes.delete(key);
  else draft.writes.set(key, value);
}

/** Moves the writes of `inner` (a draft over `outer`'s view) into `outer`. */
export function mergeDraft(outer: Draft, inner: Draft): void {
  for (const [key, value] of inner.writes) outer.writes.set(key, value);
}

/** Gives a detector its memory: keys below `prefix`, time fixed to `timestamp` (Unix seconds). */
export function memoryOf(draft: Draft, prefix: string, timestamp: bigint): Memory {
  const get = (key: string) => readDraft(draft, prefix + key);
  const set = (key: string, value: Plain | undefined) => writeDraft(draft, prefix + key, value);
  return memoryOver({ get, set }, timestamp);
}

function memoryOver({ get, set }: TableCells, timestamp: bigint): Memory {
  const tableAt = <V extends Plain>(key: string, size: TableSize) =>
    tableOf<V>(
      { get: (own) => get(`${key}/${own}`), set: (own, value) => set(`${key}/${own}`, value) },
      size,
      timestamp,
    );
  return {
    get,
    set,
    count(key, by = 1) {
      assertFinite("counter", key, by);
      const next = Number(get(key) ?? 0) + by;
      set(key, next);
      return next;
    },
    window(key, spanSeconds, amount, buckets = 60) {
      const next = addToWindow(get(key) as Window | undefined, { timestamp, amount, spanSeconds, buckets });
      set(key, next);
      return sumOfWindow(next);
    },
    windowSum: (key, spanSeconds, buckets = 60) =>
      sumOfWindowAt(get(key) as Window | undefined, { timestamp, spanSeconds, buckets }),
    ewma(key, value, lambda) {
      assertFinite("ewma", key, value);
      const before = get(key) as Ewma | undefined;
      set(key, updateEwma(before, value, lambda));
      return before;
    },
    cusum(key, value, target) {
      assertFinite("cusum", key, value);
      const next = updateCusum(get(key) as Cusum | undefined, value, target, timestamp);
      set(key, next);
      return next;
    },
    quantile(key, value, options = {}) {
      assertFinite("quantile", key, value);
      const size = sizeOf(options, timestamp);
      const before = get(key) as Sketch | undefined;
      set(key, addToSketch(before, value, size));
      return quantileIn(freshSlices(before ?? [], size), size.accuracy);
    },
    quantileNow(key, options = {}) {
      const size = sizeOf(options, timestamp);
      return quantileIn(freshSlices((get(key) as Sketch | undefined) ?? [], size), size.accuracy);
    },
    table: tableAt,
    rows(key, size) {
      const table = tableAt<Plain>(key, size);
      const write = (row: string, value: Plain | undefined) =>
        value === undefined ? table.delete(row) : table.set(row, value);
      return memoryOver({ get: table.get, set: write }, timestamp);
    },
  };
}

function sizeOf({ accuracy = 0.02, spanSeconds, slices = 12 }: QuantileOptions, timestamp: bigint) {
  return { timestamp, accuracy, slices, ...(spanSeconds === undefined ? {} : { spanSeconds }) };
}

function quantileIn(sketch: Sketch, accuracy: number): Quantile {
  return { count: countOfSketch(sketch), at: (p) => quantileOf(sketch, p, accuracy) };
}

// One NaN would stay in a mean for ever, and has no place in a record.
function assertFinite(what: string, key: string, value: number): void {
  if (!Number.isFinite(value)) throw new ValueNotFinite(what, key, value);
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

/** A figure that is no number was to be remembered. Not retryable: the detector has to leave it out. */
export class ValueNotFinite extends Error {
  override readonly name = "ValueNotFinite";
  constructor(what: string, key: string, value: number) {
    super(
      `The ${what} "${key}" was fed ${value}.\n- It takes finite numbers only; nothing was written.\n- Look for a division by zero, or a logarithm of it, before this call.`,
    );
  }
}
