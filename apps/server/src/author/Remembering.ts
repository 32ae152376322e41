import type { Plain } from "@testudo/core/model/canonicalJson";
import type { Memory, Quantile, QuantileOptions } from "@testudo/core/model/Memory";
import type { MemoryTable } from "@testudo/core/model/MemoryTable";
import { recordable } from "@testudo/core/model/recordable";
import { type Span, spanSeconds } from "./spanSeconds.ts";

/** What sets one memory apart from another of the same name: a token, an account. */
export type Part = string | number | bigint;

/**
 * All that a handler may keep from one block to the next. A reorg takes back what its blocks wrote. Of what is set apart by parts
 * 65,536 are kept under a name, and the one not fed for the longest goes; a window, once all of its span is over.
 */
export interface Remembering {
  /** A sum over the last `span`. */
  window(name: string, span: Span, ...parts: Part[]): WindowMemory;
  /** Mean and variance with decay `lambda`, 0.94 for instance. */
  ewma(name: string, lambda: number, ...parts: Part[]): EwmaMemory;
  /** A one-sided cumulative sum over `target` and `slack`. */
  cusum(name: string, target: { readonly target: number; readonly slack: number }, ...parts: Part[]): CusumMemory;
  counter(name: string, ...parts: Part[]): CounterMemory;
  /** Quantiles of all values, or of those of a span, within a relative error of 2 %. */
  quantile(name: string, options?: QuantileOptions, ...parts: Part[]): QuantileMemory;
  /** Rows by key; the one not written for the longest goes first. */
  table<V extends Plain>(name: string, size: { readonly limit: number; readonly keep?: Span }): MemoryTable<V>;
}

export interface WindowMemory {
  readonly sum: bigint;
  /** Adds and returns the window as it then stands. */
  add(amount: bigint): WindowMemory;
  /** The sum as basis points of `whole`, rounded up; of a whole of zero or less: 10,000 for any sum above zero. */
  bps(whole: bigint): number;
}

export interface EwmaMemory {
  /** Feeds `value` and returns what was the habit before it; undefined at the first. `z`: deviations off the mean. */
  add(
    value: number,
  ): { readonly mean: number; readonly deviation: number; readonly count: number; readonly z: number } | undefined;
}

export interface CusumMemory {
  readonly sum: number;
  add(value: number): { readonly sum: number; readonly count: number; readonly since: bigint };
  reset(): void;
}

export interface CounterMemory {
  readonly value: number;
  add(by?: number): number;
}

export interface QuantileMemory {
  readonly now: Quantile;
  /** Feeds `value` and returns the sketch before it. */
  add(value: number): Quantile;
}

// Parts are what the chain says, as a rule: a token, an account. Strangers make as many as they like.
const mostParts = 65_536;
/** As `Memory.window` has it where nothing else is said. */
const windowSlices = 60;

/** Where something is kept: a memory and its key there. */
interface Place {
  readonly memory: Memory;
  readonly key: string;
}

/** The memories of a handler over `memory`; `prefix` keeps one major version's apart from another's. */
export function rememberIn(memory: Memory, prefix: string): Remembering {
  const placeOf = (kind: string, name: string, parts: readonly Part[], keepSeconds?: number): Place => {
    const key = `${prefix}${kind}:${name}`;
    const whole = [key, ...parts].join("|");
    // By name alone it is one; what earlier versions kept in cells of their own stays there.
    if (parts.length === 0 || memory.get(whole) !== undefined) return { memory, key: whole };
    const size = { limit: mostParts, ...(keepSeconds === undefined ? {} : { keepSeconds }) };
    return { memory: memory.rows(`${key}:rows${keepSeconds ?? ""}`, size), key: parts.join("|") };
  };
  return {
    window(name, span, ...parts) {
      const seconds = spanSeconds(span);
      // A slice longer than the span nothing of it counts any more.
      const slice = Math.max(1, Math.floor(seconds / windowSlices));
      return windowOf(placeOf("window", name, parts, seconds + slice), seconds);
    },
    ewma: (name, lambda, ...parts) => ({
      add(value) {
        const { memory: own, key } = placeOf("ewma", name, parts);
        const before = own.ewma(key, value, lambda);
        if (before === undefined) return undefined;
        const deviation = Math.sqrt(before.variance);
        const z = deviation > 0 ? (value - before.mean) / deviation : 0;
        return { mean: before.mean, deviation, count: before.count, z };
      },
    }),
    cusum(name, target, ...parts) {
      const { memory: own, key } = placeOf("cusum", name, parts);
      return {
        sum: (own.get(key) as { sum: number } | undefined)?.sum ?? 0,
        add: (value) => own.cusum(key, value, target),
        reset: () => own.set(key, undefined),
      };
    },
    counter(name, ...parts) {
      const { memory: own, key } = placeOf("counter", name, parts);
      return { value: Number(own.get(key) ?? 0), add: (by) => own.count(key, by) };
    },
    quantile(name, options, ...parts) {
      const { memory: own, key } = placeOf("quantile", name, parts);
      return { now: own.quantileNow(key, options), add: (value) => own.quantile(key, value, options) };
    },
    table: (name, { limit, keep }) =>
      copying(
        memory.table(`${prefix}table:${name}`, {
          limit,
          ...(keep === undefined ? {} : { keepSeconds: spanSeconds(keep) }),
        }),
      ),
  };
}

/** `table` whose rows are nobody's but its own: a handler may change what it was given, and what it gave. */
function copying<V extends Plain>(table: MemoryTable<V>): MemoryTable<V> {
  return {
    ...table,
    get(row) {
      const value = table.get(row);
      return value === undefined ? undefined : recordable(value);
    },
    set: (row, value) => table.set(row, recordable(value)),
    entries: () => table.entries().map(([row, value]) => [row, recordable(value)] as const),
  };
}

function windowOf({ memory, key }: Place, seconds: number): WindowMemory {
  const at = (sum: bigint): WindowMemory => ({
    sum,
    add: (amount) => at(memory.window(key, seconds, amount)),
    bps: (whole) => (whole > 0n ? Number((sum * 10_000n + whole - 1n) / whole) : sum > 0n ? 10_000 : 0),
  });
  return at(memory.windowSum(key, seconds));
}
