import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { BlockRef } from "./BlockBundle.ts";
import {
  applyDraft,
  applyUndo,
  type Cells,
  type Memory,
  memoryOf,
  openDraft,
  type Undo,
  ValueNotFinite,
} from "./Memory.ts";

const span = 600;
const buckets = 10;
const slices = 6;
const lambda = 0.9;
const target = { target: 40, slack: 5 };
const accuracy = 0.05;
const size = { limit: 4, keepSeconds: 900 };
const rows = ["a", "b", "c", "d", "e", "f", "g"];

type Write =
  | { readonly to: "window" | "ewma" | "cusum" | "counter" | "quantile" | "recent"; readonly value: number }
  | { readonly to: "set"; readonly row: string; readonly value: number }
  | { readonly to: "delete"; readonly row: string };

interface Block {
  readonly timestamp: bigint;
  readonly writes: readonly Write[];
}

type Happening =
  | { readonly kind: "block"; readonly after: number; readonly writes: readonly Write[] }
  /** A run that ends without its writes: a read was missing. */
  | { readonly kind: "abandoned"; readonly writes: readonly Write[] }
  | { readonly kind: "reorg"; readonly depth: number }
  | { readonly kind: "finalize"; readonly keep: number };

const anyWrite: fc.Arbitrary<Write> = fc.oneof(
  fc.record({
    to: fc.constantFrom("window", "ewma", "cusum", "counter", "quantile", "recent"),
    value: fc.integer({ min: -50, max: 400 }),
  }),
  fc.record({ to: fc.constant("set"), row: fc.constantFrom(...rows), value: fc.integer({ min: 0, max: 99 }) }),
  fc.record({ to: fc.constant("delete"), row: fc.constantFrom(...rows) }),
);
const anyWrites = fc.array(anyWrite, { maxLength: 6 });
const anyHappening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant("block"), after: fc.integer({ min: 0, max: 500 }), writes: anyWrites }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("abandoned"), writes: anyWrites }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("reorg"), depth: fc.integer({ min: 1, max: 6 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("finalize"), keep: fc.integer({ min: 0, max: 6 }) }) },
);

function write(memory: Memory, item: Write): void {
  if ("row" in item) {
    if (item.to === "set") memory.table("table", size).set(item.row, item.value);
    else memory.table("table", size).delete(item.row);
  } else if (item.to === "window") memory.window("window", span, BigInt(item.value), buckets);
  else if (item.to === "ewma") memory.ewma("ewma", item.value, lambda);
  else if (item.to === "cusum") memory.cusum("cusum", item.value, target);
  else if (item.to === "counter") memory.count("counter", item.value);
  else if (item.to === "quantile") memory.quantile("quantile", item.value, { accuracy });
  else memory.quantile("recent", item.value, { accuracy, spanSeconds: span, slices });
}

const read = (memory: Memory) => ({
  window: memory.windowSum("window", span, buckets),
  ewma: (memory.get("ewma") as { mean: number; count: number } | undefined) ?? { mean: 0, count: 0 },
  cusum: (memory.get("cusum") as { sum: number } | undefined)?.sum ?? 0,
  counter: Number(memory.get("counter") ?? 0),
  quantile: quantiles(memory.quantileNow("quantile", { accuracy })),
  recent: quantiles(memory.quantileNow("recent", { accuracy, spanSeconds: span, slices })),
  table: memory.table<number>("table", size).entries(),
});

const quantiles = (sketch: { count: number; at(p: number): number | undefined }) => ({
  count: sketch.count,
  at: [0, 0.25, 0.5, 0.99, 1].map((p) => sketch.at(p)),
});

interface Said {
  readonly at: bigint;
  readonly write: Write;
}

const valuesTo = (said: readonly Said[], to: Write["to"]) =>
  said.flatMap(({ at, write: w }) => (w.to === to && "value" in w ? [{ at, value: w.value }] : []));
const inSlice = (at: bigint, width: bigint, now: bigint) => at - (at % width) + width > now - BigInt(span);

/** The same, recounted from every write of the canonical chain. */
function recount(chain: readonly Block[], now: bigint): ReturnType<typeof read> {
  const said = chain.flatMap(({ timestamp, writes }) => writes.map((w) => ({ at: timestamp, write: w })));
  const means = valuesTo(said, "ewma").map(({ value }) => value);
  return {
    window: valuesTo(said, "window")
      .filter(({ at }) => inSlice(at, BigInt(span / buckets), now))
      .reduce((sum, { value }) => sum + BigInt(value), 0n),
    ewma: {
      mean: means.reduce((mean, value, i) => (i === 0 ? value : lambda * mean + (1 - lambda) * value), 0),
      count: means.length,
    },
    cusum: valuesTo(said, "cusum").reduce(
      (sum, { value }) => Math.max(0, sum + value - target.target - target.slack),
      0,
    ),
    counter: valuesTo(said, "counter").reduce((sum, { value }) => sum + value, 0),
    quantile: exactQuantiles(valuesTo(said, "quantile").map(({ value }) => value)),
    recent: exactQuantiles(
      valuesTo(said, "recent")
        .filter(({ at }) => inSlice(at, BigInt(span / slices), now))
        .map(({ value }) => value),
    ),
    table: recountTable(said, now),
  };
}

function exactQuantiles(values: readonly number[]) {
  const sorted = [...values].sort((a, b) => a - b);
  return { count: sorted.length, at: [0, 0.25, 0.5, 0.99, 1].map((p) => sorted[Math.floor(p * (sorted.length - 1))]) };
}

function recountTable(said: readonly Said[], now: bigint) {
  let kept: { row: string; value: number; at: bigint }[] = [];
  const isFresh = (at: bigint, then: bigint) => at + BigInt(size.keepSeconds) > then;
  for (const { at, write: w } of said) {
    if (w.to !== "set" && w.to !== "delete") continue;
    kept = kept.filter((row) => row.row !== w.row && isFresh(row.at, at));
    if (w.to === "set") kept = [...kept, { row: w.row, value: w.value, at }].slice(-size.limit);
  }
  return kept.filter((row) => isFresh(row.at, now)).map(({ row, value }) => [row, value] as const);
}

function expectSame(found: ReturnType<typeof read>, expected: ReturnType<typeof read>): void {
  expect(found.window).toBe(expected.window);
  expect(found.counter).toBe(expected.counter);
  expect(found.table).toEqual(expected.table);
  expect(found.cusum).toBe(expected.cusum);
  expect(found.ewma.count).toBe(expected.ewma.count);
  expect(found.ewma.mean).toBe(expected.ewma.mean);
  for (const name of ["quantile", "recent"] as const) {
    expect(found[name].count).toBe(expected[name].count);
    found[name].at.forEach((value, i) => {
      const exact = expected[name].at[i];
      if (exact === undefined) expect(value).toBeUndefined();
      else expect(Math.abs(value! - exact)).toBeLessThanOrEqual(accuracy * Math.abs(exact) + 1e-9);
    });
  }
}

/** A chain with its memory, as the pipeline keeps it. */
function openChain() {
  const cells: Cells = new Map();
  const undo: Undo[] = [];
  const chain: Block[] = [];
  const refOf = (timestamp: bigint): BlockRef => ({
    number: BigInt(chain.length),
    hash: "0x",
    parentHash: "0x",
    timestamp,
  });
  const now = () => chain.at(-1)?.timestamp ?? 1_000_000n;
  const happen = (happening: Happening) => {
    if (happening.kind === "block") {
      const timestamp = now() + BigInt(happening.after);
      const draft = openDraft(cells);
      for (const item of happening.writes) write(memoryOf(draft, "d/one/", timestamp), item);
      undo.push(applyDraft(cells, draft, refOf(timestamp)));
      chain.push({ timestamp, writes: happening.writes });
    } else if (happening.kind === "abandoned") {
      const draft = openDraft(cells);
      for (const item of happening.writes) write(memoryOf(draft, "d/one/", now() + 1n), item);
    } else if (happening.kind === "reorg") {
      for (let i = 0; i < happening.depth && undo.length > 0; i++) {
        applyUndo(cells, undo.pop()!);
        chain.pop();
      }
    } else undo.splice(0, Math.max(0, undo.length - happening.keep));
  };
  return { cells, chain, now, happen, memory: () => memoryOf(openDraft(cells), "d/one/", now()) };
}

test("STREAM-16: after any writes, evictions and reorgs every primitive says what a recount of the chain says", () => {
  fc.assert(
    fc.property(fc.array(anyHappening, { minLength: 1, maxLength: 30 }), (happenings) => {
      const { chain, now, happen, memory } = openChain();
      for (const happening of happenings) {
        happen(happening);
        expectSame(read(memory()), recount(chain, now()));
      }
    }),
    { numRuns: 1_500, seed: 16 },
  );
});

test("STREAM-16: a reorg gives back the very cells that stood before, evicted ones included", () => {
  fc.assert(
    fc.property(
      fc.array(anyHappening, { minLength: 1, maxLength: 20 }),
      fc.array(anyWrites, { minLength: 1, maxLength: 8 }),
      (before, blocks) => {
        const { cells, happen } = openChain();
        for (const happening of before) happen(happening);
        const copy = new Map(cells);
        // Two hours later all that was remembered has left its span, so that writing evicts it.
        for (const writes of blocks) happen({ kind: "block", after: 7_200, writes });
        happen({ kind: "reorg", depth: blocks.length });
        expect([...cells].sort()).toEqual([...copy].sort());
      },
    ),
    { numRuns: 1_000, seed: 16 },
  );
});

describe("a table", () => {
  test("of ten thousand rows that no longer count drops a few at each write, and keeps none of them in the end", () => {
    const cells: Cells = new Map();
    const wrote = (at: number, names: readonly string[]) => {
      const draft = openDraft(cells);
      const table = memoryOf(draft, "d/", BigInt(at)).table("t", { limit: 20_000, keepSeconds: 600 });
      for (const name of names) table.set(name, 1);
      return applyDraft(cells, draft, refOfTime(BigInt(at))).before.length;
    };
    for (let i = 0; i < 10; i += 1)
      wrote(
        i,
        Array.from({ length: 1_000 }, (_, j) => `stranger ${i} ${j}`),
      );
    expect(wrote(10_000, ["own"])).toBeLessThan(50);
    const seen = memoryOf(openDraft(cells), "d/", 10_000n).table("t", { limit: 20_000, keepSeconds: 600 });
    expect([seen.get("stranger 9 1"), seen.entries()]).toEqual([undefined, [["own", 1]]]);
    for (let i = 0; i < 2_000; i += 1) wrote(10_000 + i, ["own"]);
    expect(cells.size).toBeLessThan(10);
  });

  const open = (limit: number) => {
    const cells: Cells = new Map();
    const draft = openDraft(cells);
    const memory = memoryOf(draft, "d/one/", 100n);
    return {
      table: memory.table<number>("t", { limit }),
      held: () => [...draft.writes.values()].filter((v) => v !== undefined).length,
    };
  };

  test("holds no more cells than its limit allows, however rows come and go beside one that stays", () => {
    const { table, held } = open(8);
    table.set("stays", 0);
    for (let i = 0; i < 500; i++) {
      table.set("stays too", i);
      table.set(`row ${i}`, i);
      table.delete(`row ${i}`);
    }
    expect(table.get("stays")).toBe(0);
    expect(table.entries()).toEqual([
      ["stays", 0],
      ["stays too", 499],
    ]);
    expect(held()).toBeLessThanOrEqual(2 * (2 * 8 + 16) + 1);
  });

  test("whose rows are moved together is what a list says that was written beside it, at every step", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 7 }),
        fc.array(fc.tuple(fc.integer({ min: 0, max: 11 }), fc.boolean(), fc.boolean()), {
          minLength: 200,
          maxLength: 400,
        }),
        (limit, steps) => {
          const cells: Cells = new Map();
          const list = new Map<string, number>();
          for (const [i, [row, isDeleted, isAgain]] of steps.entries()) {
            const draft = openDraft(cells);
            const table = memoryOf(draft, "d/", 100n).table<number>("t", { limit });
            list.delete(`${row}`);
            if (isDeleted && isAgain) table.delete(`${row}`);
            else {
              table.set(`${row}`, i);
              list.set(`${row}`, i);
            }
            if (list.size > limit) list.delete([...list.keys()][0]!);
            applyDraft(cells, draft, refOfTime(100n));
            expect(memoryOf(openDraft(cells), "d/", 100n).table("t", { limit }).entries()).toEqual([...list]);
            expect(cells.size).toBeLessThanOrEqual(2 * list.size + 1);
          }
        },
      ),
      { numRuns: 60, seed: 4 },
    );
  });

  test("of thousands of rows, one of which is never written again, has no write that moves them all", () => {
    const cells: Cells = new Map();
    const limit = 2_000;
    const sizes = Array.from({ length: 5 * limit }, (_, i) => {
      const draft = openDraft(cells);
      const row = i < limit ? i : 1 + (i % (limit - 1));
      memoryOf(draft, "d/", 100n).table("t", { limit }).set(`${row}`, i);
      return applyDraft(cells, draft, refOfTime(100n)).before.length;
    });
    expect(Math.max(...sizes)).toBeLessThan(20);
    const [first, next] = cells.get("d/t/head") as [number, number];
    expect(next - first).toBeLessThan(3 * limit);
  });

  test("forgets the row that was not written for the longest", () => {
    const { table } = open(2);
    table.set("a", 1);
    table.set("b", 2);
    table.set("a", 3);
    table.set("c", 4);
    expect(table.entries()).toEqual([
      ["a", 3],
      ["c", 4],
    ]);
  });
});

test("error: a figure that is no number is refused before it is remembered", () => {
  const draft = openDraft(new Map());
  const memory = memoryOf(draft, "d/one/", 100n);
  expect(() => memory.ewma("habit", Number.NaN, 0.9)).toThrow(ValueNotFinite);
  expect(() => memory.cusum("run", Number.POSITIVE_INFINITY, target)).toThrow(/"run" was fed Infinity/);
  expect(() => memory.quantile("size", Number.NaN)).toThrow(ValueNotFinite);
  expect(draft.writes.size).toBe(0);
});

test("STREAM-16: windows by key say what a recount says for each, and leave nothing once their span is over", () => {
  const keep = { limit: 10_000, keepSeconds: span + span / buckets };
  const anyFeed = fc.record({
    after: fc.integer({ min: 0, max: 300 }),
    row: fc.constantFrom(...rows),
    amount: fc.integer({ min: 1, max: 99 }),
  });
  fc.assert(
    fc.property(fc.array(anyFeed, { maxLength: 40 }), (feeds) => {
      const cells: Cells = new Map();
      const fed: { readonly at: bigint; readonly row: string; readonly amount: bigint }[] = [];
      let now = 10_000n;
      const take = (write: (memory: Memory) => void) => {
        const draft = openDraft(cells);
        write(memoryOf(draft, "d/", now).rows("by", keep));
        applyDraft(cells, draft, refOfTime(now));
      };
      for (const { after, row, amount } of feeds) {
        now += BigInt(after);
        fed.push({ at: now, row, amount: BigInt(amount) });
        take((memory) => memory.window(row, span, BigInt(amount), buckets));
        const memory = memoryOf(openDraft(cells), "d/", now).rows("by", keep);
        for (const one of rows) {
          const own = fed.filter((entry) => entry.row === one);
          expect(memory.windowSum(one, span, buckets)).toBe(recountOf(own, now));
        }
      }
      // Whatever was fed last, one row is all that is left after two spans.
      now += 2n * BigInt(span);
      take((memory) => memory.window("last", span, 1n, buckets));
      expect([...cells.keys()].filter((key) => key.includes("row:"))).toHaveLength(1);
    }),
    { numRuns: 200 },
  );
});

test("behavior: rows whose keys strangers choose are no more than their limit, and the ones fed last", () => {
  const cells: Cells = new Map();
  for (let block = 0; block < 50; block += 1) {
    const draft = openDraft(cells);
    const memory = memoryOf(draft, "d/", BigInt(1_000 + block)).rows("count", { limit: 100 });
    for (let i = 0; i < 40; i += 1) memory.count(`${block}-${i}`);
    memory.count("used");
    applyDraft(cells, draft, refOfTime(BigInt(1_000 + block)));
  }
  expect(cells.size).toBeLessThanOrEqual(2 * 100 + 1);
  const memory = memoryOf(openDraft(cells), "d/", 2_000n).rows("count", { limit: 100 });
  expect([memory.get("used"), memory.get("49-39"), memory.get("0-0")]).toEqual([50, 1, undefined]);
});

function refOfTime(timestamp: bigint): BlockRef {
  const hash = `0x${timestamp.toString(16).padStart(64, "0")}` as const;
  return { number: timestamp, hash, parentHash: hash, timestamp };
}

/** What slices that reach into the span hold. */
function recountOf(fed: readonly { readonly at: bigint; readonly amount: bigint }[], now: bigint): bigint {
  const width = BigInt(span / buckets);
  const isIn = (at: bigint) => at - (at % width) + width > now - BigInt(span);
  return fed.reduce((sum, { at, amount }) => (isIn(at) ? sum + amount : sum), 0n);
}
