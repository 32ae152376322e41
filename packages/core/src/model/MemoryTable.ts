// A keyed table in a detector's memory. Each row is a cell of its own, so that a write costs one row in the journal and not
// the table. The order of writing stands in numbered places, of which a head cell names the first and the next.
import type { Plain } from "./canonicalJson.ts";

/** What a table keeps. */
export interface TableSize {
  /** Rows; beyond, the one that was not written for the longest goes. */
  readonly limit: number;
  /** Seconds after its last write in which a row counts; absent: for ever. */
  readonly keepSeconds?: number;
}

/** A bounded table of rows by key, that forgets what was not written for the longest. */
export interface MemoryTable<V extends Plain = Plain> {
  get(row: string): V | undefined;
  set(row: string, value: V): void;
  delete(row: string): void;
  /** Rows that are there, whether they still count or not. */
  size(): number;
  /** Rows that count, the one longest unwritten first. */
  entries(): readonly (readonly [row: string, value: V])[];
}

/** Rows that no longer count of which a write drops so many: strangers may have ten thousand be over at once. */
const mostDropped = 8;

/** How a table reads and writes cells below its own prefix. */
export interface TableCells {
  get(key: string): Plain | undefined;
  set(key: string, value: Plain | undefined): void;
}

type Row = readonly [place: number, writtenAt: bigint, value: Plain];
// Where rows are being moved together, up to which place they stand close, and up to which place that was looked at.
type Closing = readonly [] | readonly [closed: number, looked: number];
type Head = readonly [first: number, next: number, live: number, ...Closing];

/** Places that a write looks at while rows are moved together. All in one write would be 200,000 cells of a table of 65,536. */
const placesAWrite = 4;

/** The table over `cells` at the block time `timestamp` (Unix seconds). */
export function tableOf<V extends Plain>(cells: TableCells, size: TableSize, timestamp: bigint): MemoryTable<V> {
  const rowOf = (row: string) => cells.get(`row:${row}`) as Row | undefined;
  const isFresh = ([, writtenAt]: Row) =>
    size.keepSeconds === undefined || writtenAt + BigInt(size.keepSeconds) > timestamp;
  const head = (): Head => (cells.get("head") as Head | undefined) ?? [0, 0, 0];
  const rowAt = (place: number): readonly [string, Row] | undefined => {
    const row = cells.get(`at:${place}`) as string | undefined;
    const found = row === undefined ? undefined : rowOf(row);
    return found === undefined || found[0] !== place ? undefined : [row!, found];
  };
  /** Drops the first place, and its row if it still stands there. */
  const dropFirst = ([first, next, live, ...closing]: Head): Head => {
    const held = rowAt(first);
    if (held !== undefined) cells.set(`row:${held[0]}`, undefined);
    cells.set(`at:${first}`, undefined);
    return [first + 1, next, held === undefined ? live : live - 1, ...closing];
  };
  const evict = (start: Head): Head => {
    let now = start;
    for (let dropped = 0; ; ) {
      const [first, next, live] = now;
      if (first === next) return now;
      const held = rowAt(first);
      if (held !== undefined && live <= size.limit && (isFresh(held[1]) || dropped === mostDropped)) return now;
      if (held !== undefined) dropped += 1;
      now = dropFirst(now);
    }
  };
  const remove = (row: string): Head => {
    const now = head();
    const held = rowOf(row);
    if (held === undefined) return now;
    cells.set(`row:${row}`, undefined);
    cells.set(`at:${held[0]}`, undefined);
    const [first, next, live, ...closing] = now;
    return [first, next, live - 1, ...closing];
  };
  const entries = () => {
    const [first, next] = head();
    const rows: (readonly [string, V])[] = [];
    for (let place = first; place < next; place++) {
      const held = rowAt(place);
      if (held !== undefined && isFresh(held[1])) rows.push([held[0], held[1][2] as V]);
    }
    return rows;
  };
  // Places of deleted rows lie between others; without moving these together they would grow with every write.
  const closeUp = ([first, next, live, closed, looked]: Head): Head => {
    if (closed === undefined && next - first <= 2 * size.limit + 16) return [first, next, live];
    let [close, place] = [Math.max(first, closed ?? first), Math.max(first, looked ?? first)];
    const end = Math.min(next, place + placesAWrite);
    for (; place < end; place++) {
      const held = rowAt(place);
      if (held === undefined) continue;
      if (place > close) {
        const [row, [, writtenAt, value]] = held;
        cells.set(`at:${place}`, undefined);
        cells.set(`at:${close}`, row);
        cells.set(`row:${row}`, [close, writtenAt, value]);
      }
      close += 1;
    }
    return place === next ? [first, close, live] : [first, next, live, close, place];
  };
  return {
    get: (row) => {
      const held = rowOf(row);
      return held === undefined || !isFresh(held) ? undefined : (held[2] as V);
    },
    set: (row, value) => {
      const [first, next, live, ...closing] = remove(row);
      cells.set(`at:${next}`, row);
      cells.set(`row:${row}`, [next, timestamp, value]);
      cells.set("head", closeUp(evict([first, next + 1, live + 1, ...closing])));
    },
    delete: (row) => cells.set("head", evict(remove(row))),
    size: () => head()[2],
    entries,
  };
}
