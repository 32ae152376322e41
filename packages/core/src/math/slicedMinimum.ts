/** The least value of each slice of time: `[start of the slice in Unix seconds, value]`, oldest first. */
export type SlicedMinimum = readonly (readonly [start: number, value: bigint])[];

const slices = 60;

/** `minimum` with `value` at `now`, over the last `spanSeconds` in 60 slices; those that ended before are dropped. */
export function addToMinimum(minimum: SlicedMinimum, now: number, value: bigint, spanSeconds: number): SlicedMinimum {
  const width = Math.max(1, Math.ceil(spanSeconds / slices));
  const start = now - (now % width);
  const kept = minimum.filter(([at]) => at + width > now - spanSeconds && at !== start);
  const same = minimum.find(([at]) => at === start)?.[1];
  return [...kept, [start, same === undefined || value < same ? value : same] as const];
}

/** The least value over the span; undefined where its first slice is younger than the span. */
export function minimumOver(minimum: SlicedMinimum, now: number, spanSeconds: number): bigint | undefined {
  const [first] = minimum;
  const width = Math.max(1, Math.ceil(spanSeconds / slices));
  if (first === undefined || now - first[0] < spanSeconds - width) return undefined;
  return minimum.reduce((least, [, value]) => (value < least ? value : least), first[1]);
}
