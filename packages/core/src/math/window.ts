/** A sliding sum in slices: `[start of slice in Unix seconds, amount]`, oldest first. */
export type Window = readonly (readonly [start: bigint, amount: bigint])[];

/** Where and what to add to a window. */
export interface WindowEntry {
  /** Unix seconds of the block. */
  readonly timestamp: bigint;
  readonly amount: bigint;
  readonly spanSeconds: number;
  readonly buckets: number;
}

/**
 * `window` with `entry` added and every slice older than the span dropped. What is kept covers (timestamp - span, timestamp]
 * and up to one slice before it: a limit on the sum errs on the safe side.
 */
export function addToWindow(window: Window | undefined, entry: WindowEntry): Window {
  const width = BigInt(Math.max(1, Math.floor(entry.spanSeconds / entry.buckets)));
  const start = entry.timestamp - (entry.timestamp % width);
  const oldest = entry.timestamp - BigInt(entry.spanSeconds);
  const kept = (window ?? []).filter(([slice]) => slice + width > oldest && slice !== start);
  const same = window?.find(([slice]) => slice === start)?.[1] ?? 0n;
  return [...kept, [start, same + entry.amount] as const].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

/** Sum over all slices, in the unit of the amounts. */
export function sumOfWindow(window: Window): bigint {
  return window.reduce((sum, [, amount]) => sum + amount, 0n);
}

/** Sum of `window` as it would be at `timestamp` if nothing were added: slices that have left the span do not count. */
export function sumOfWindowAt(window: Window | undefined, entry: Omit<WindowEntry, "amount">): bigint {
  return window === undefined ? 0n : sumOfWindow(addToWindow(window, { ...entry, amount: 0n }));
}
