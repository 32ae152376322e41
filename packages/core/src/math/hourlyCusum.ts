/** A cumulative sum over hours: what the closed ones have left, their mean, and the hour that is open. */
export interface HourlyCusum {
  readonly [key: string]: number | bigint;
  /** Hours since 1970 of the open hour. */
  readonly hour: number;
  /** What was held when it began, and what has come (positive) or left since. */
  readonly held: bigint;
  readonly net: bigint;
  readonly sum: number;
  readonly mean: number;
}

/** One movement: `net` more than the `held` before it, in `hour`. */
export interface HourlyMove {
  readonly hour: number;
  readonly held: bigint;
  readonly net: bigint;
}

// The mean follows over about 30 days, so that a leak of days does not become the habit that it is held against.
const decay = 1 - 1 / 720;

/**
 * `state` after `move`. With each hour that closes S = max(0, S + x − mean − slack), x the share that left in it, net, within
 * −1 and 1; hours without movement count with x = 0 (Page 1954). Costs the same however many hours lie between.
 */
export function stepHourlyCusum(state: HourlyCusum | undefined, move: HourlyMove, slack: number): HourlyCusum {
  if (state === undefined) return { ...move, sum: 0, mean: 0 };
  if (move.hour <= state.hour) return { ...state, net: state.net + move.net };
  const x = shareOut(state);
  const closed = Math.max(0, state.sum + x - state.mean - slack);
  const mean = decay * state.mean + (1 - decay) * x;
  const idle = move.hour - state.hour - 1;
  const left = decay ** idle;
  // A mean below zero, of a holding that grows, would let the sum of idle hours grow by itself.
  const drained = Math.max(0, idle * slack + (mean * (1 - left)) / (1 - decay));
  return { ...move, sum: Math.max(0, closed - drained), mean: mean * left };
}

/** S with the open hour in it. */
export function cusumNow(state: HourlyCusum, slack: number): number {
  return Math.max(0, state.sum + shareOut(state) - state.mean - slack);
}

function shareOut({ held, net }: HourlyCusum): number {
  if (held <= 0n) return 0;
  return Math.max(-1, Math.min(1, Number((-net * 1_000_000_000n) / held) / 1e9));
}
