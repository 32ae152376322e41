/** A histogram over slots of equal ratio: `[slot, count]`, lowest first. Slot 0 holds zero; a negative figure's slot is negative. */
export type Slots = readonly (readonly [slot: number, count: number])[];

/** Histograms of successive stretches of time, oldest first; one stretch where nothing is to be forgotten. */
export type Sketch = readonly (readonly [start: bigint, slots: Slots])[];

/** What a sketch keeps. */
export interface SketchSize {
  /** Unix seconds of the block. */
  readonly timestamp: bigint;
  /** Relative error of a quantile, above 0 and below 1. */
  readonly accuracy: number;
  /** Values older than this are forgotten, one slice at a time; absent: none is. */
  readonly spanSeconds?: number;
  readonly slices: number;
}

/** Slots that a stretch may hold; beyond, those nearest to zero are joined, where a relative error matters least. */
export const maxSlots = 512;

// Slot numbers are offset, so that figures below 1 have positive ones too: 1e-18 is the smallest that is told from zero.
const smallest = 1e-18;

/**
 * `sketch` with `value` added and what is older than the span dropped. It does not matter in which order the values of a
 * slice come, so that a recount gives the same sketch. Source: Masson, Rim, Lee, DDSketch, VLDB 2019.
 */
export function addToSketch(sketch: Sketch | undefined, value: number, size: SketchSize): Sketch {
  const start = sliceOf(size);
  const kept = freshSlices(sketch ?? [], size);
  const same = kept.find(([slice]) => slice === start)?.[1] ?? [];
  return [...kept.filter(([slice]) => slice !== start), [start, addToSlots(same, slotOf(value, size.accuracy))]];
}

/** The slices of `sketch` that still count at `size.timestamp`. */
export function freshSlices(sketch: Sketch, { timestamp, spanSeconds, slices }: SketchSize): Sketch {
  if (spanSeconds === undefined) return sketch;
  const oldest = timestamp - BigInt(spanSeconds);
  return sketch.filter(([start]) => start + widthOf(spanSeconds, slices) > oldest);
}

/** How many values are in `sketch`. */
export function countOfSketch(sketch: Sketch): number {
  return sketch.reduce((all, [, slots]) => slots.reduce((sum, [, count]) => sum + count, all), 0);
}

/**
 * The `p`-quantile (0 to 1) of the values, within the accuracy that they were added with; undefined for none. It is the
 * value of rank floor(p * (n - 1)), counted from 0.
 */
export function quantileOf(sketch: Sketch, p: number, accuracy: number): number | undefined {
  const merged = new Map<number, number>();
  for (const [, slots] of sketch) for (const [slot, count] of slots) merged.set(slot, (merged.get(slot) ?? 0) + count);
  const rank = Math.floor(p * (countOfSketch(sketch) - 1));
  let below = 0;
  for (const [slot, count] of [...merged].sort(([a], [b]) => a - b)) {
    below += count;
    if (below > rank) return figureOf(slot, accuracy);
  }
  return undefined;
}

/** The slot of `value`: all values of one slot lie within `accuracy` of what stands for them. */
export function slotOf(value: number, accuracy: number): number {
  const size = Math.abs(value);
  if (size <= smallest) return 0;
  return Math.sign(value) * Math.max(1, Math.ceil(Math.log(size / smallest) / logGamma(accuracy)));
}

function figureOf(slot: number, accuracy: number): number {
  if (slot === 0) return 0;
  const gamma = (1 + accuracy) / (1 - accuracy);
  const upper = smallest * Math.exp(Math.abs(slot) * logGamma(accuracy));
  return (Math.sign(slot) * 2 * upper) / (gamma + 1);
}

function logGamma(accuracy: number): number {
  return Math.log((1 + accuracy) / (1 - accuracy));
}

function addToSlots(slots: Slots, slot: number): Slots {
  const at = slots.findIndex(([own]) => own >= slot);
  if (at < 0) return bounded([...slots, [slot, 1]]);
  const [own, count] = slots[at]!;
  if (own === slot) return slots.with(at, [own, count + 1]);
  return bounded(slots.toSpliced(at, 0, [slot, 1]));
}

function bounded(slots: Slots): Slots {
  if (slots.length <= maxSlots) return slots;
  // The slot nearest to zero goes into its neighbour on the same side; where it is alone there, into zero's.
  const nearest = slots.reduce((best, [slot], i) => (Math.abs(slot) < Math.abs(slots[best]![0]) ? i : best), 0);
  const into =
    slots[nearest]![0] < 0 && nearest > 0 ? nearest - 1 : nearest + 1 < slots.length ? nearest + 1 : nearest - 1;
  const joined = slots.with(into, [slots[into]![0], slots[into]![1] + slots[nearest]![1]]);
  return joined.toSpliced(nearest, 1);
}

function sliceOf({ timestamp, spanSeconds, slices }: SketchSize): bigint {
  if (spanSeconds === undefined) return 0n;
  return timestamp - (timestamp % widthOf(spanSeconds, slices));
}

function widthOf(spanSeconds: number, slices: number): bigint {
  return BigInt(Math.max(1, Math.floor(spanSeconds / slices)));
}
