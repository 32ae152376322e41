/** The least value of each slice of time: `[start of the slice in Unix seconds, value]`, oldest first. */
export type SlicedMinimum = readonly (readonly [start: number, value: bigint])[];

const slices = 60;

/**
 * `minimum` with `value` at `now`, over the last `spanSeconds` in 60 slices. What ended before is dropped but for the last
 * of it: that value stood when the span began.
 */
export function addToMinimum(minimum: SlicedMinimum, now: number, value: bigint, spanSeconds: number): SlicedMinimum {
  const width = Math.max(1, Math.ceil(spanSeconds / slices));
  const start = now - (now % width);
  const same = minimum.find(([at]) => at === start)?.[1];
  const all = [
    ...minimum.filter(([at]) => at !== start),
    [start, same === undefined || value < same ? value : same] as const,
  ];
  const firstInside = all.findIndex(([at]) => at > now - spanSeconds);
  return all.slice(Math.max(0, firstInside - 1));
}

/** The least value over the span, to a slice; undefined where less than the span is known. */
export function minimumOver(minimum: SlicedMinimum, now: number, spanSeconds: number): bigint | undefined {
  const [first] = minimum;
  if (first === undefined || now - first[0] < spanSeconds) return undefined;
  return minimum.reduce((least, [, value]) => (value < least ? value : least), first[1]);
}
