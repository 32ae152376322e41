/** A one-sided cumulative sum: how far a figure has run above its target, and since when. */
export interface Cusum {
  readonly [key: string]: number | bigint;
  /** max(0, sum + value - target - slack), in the unit of the values. */
  readonly sum: number;
  /** Values since the sum last left zero. */
  readonly count: number;
  /** Unix seconds at which it last left zero: where the change that it tells of began. */
  readonly since: bigint;
}

/** What a cumulative sum is measured against, in the unit of the values. */
export interface CusumTarget {
  /** What the values are when all is well. */
  readonly target: number;
  /** How far above it still is well; half of the smallest shift to be noticed is usual. */
  readonly slack: number;
}

/**
 * `cusum` after `value`: S' = max(0, S + value - target - slack). A small shift that lasts adds up where a single value
 * tells nothing. For falls feed the negated figure. Source: Page, Biometrika 41 (1954).
 */
export function updateCusum(
  cusum: Cusum | undefined,
  value: number,
  { target, slack }: CusumTarget,
  timestamp: bigint,
): Cusum {
  const sum = Math.max(0, (cusum?.sum ?? 0) + value - target - slack);
  if (sum === 0) return { sum: 0, count: 0, since: timestamp };
  const goesOn = cusum !== undefined && cusum.sum > 0;
  return { sum, count: goesOn ? cusum.count + 1 : 1, since: goesOn ? cusum.since : timestamp };
}
