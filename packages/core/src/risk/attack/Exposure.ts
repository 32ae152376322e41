import { AttackInputError, assertWithin } from "./AttackInputError.ts";

/** What a wrong price is worth to whoever made it. */
export interface Exposure {
  /** The moves that are looked at, relative to the fair price, up above 0 and down below. */
  readonly moves: readonly number[];
  /** Gain in quote, before what the attack costs; a simulator's or a closed form's. */
  readonly gain: (move: number, ltv: number) => number;
  /** Loan to value in force, where the gain depends on it. */
  readonly ltv?: number;
}

/** Twenty moves each way, to ten times the price and to a tenth of it, evenly in logarithms. */
export const usualMoves: readonly number[] = Object.freeze(
  [-1, 1].flatMap((side) => Array.from({ length: 20 }, (_, i) => 10 ** ((side * (i + 1)) / 20) - 1)),
);

/**
 * A loan market: collateral priced too high, or a borrowed token priced too low, is left behind for a loan worth more. At
 * fair price p and move x a loan of 1 needs collateral of 1 / (ltv (1 + x)) going up and (1 + x) / ltv going down; the
 * difference, on all that can be borrowed, is the gain.
 */
export function lendingExposure(reachable: number, ltv: number, moves: readonly number[] = usualMoves): Exposure {
  assertWithin("reachable", reachable, 0, Number.MAX_VALUE);
  assertWithin("ltv", ltv, 0.001, 1);
  const gain = (move: number, at: number) => {
    const collateral = move > 0 ? 1 / (at * (1 + move)) : (1 + move) / at;
    return reachable * Math.max(0, 1 - collateral);
  };
  return Object.freeze({ moves, gain, ltv });
}

/**
 * An exposure from a simulator's rows: gain at each move, straight lines between, nothing between the least move of a side
 * and none, and no more beyond the last.
 */
export function tabledExposure(rows: readonly (readonly [move: number, gain: number])[]): Exposure {
  for (const [move, gain] of rows) {
    if (!(move > -1 && move !== 0)) throw new AttackInputError("move", move, "It has to be above -1 and not 0.");
    if (!(gain >= 0)) throw new AttackInputError("gain", gain, "It has to be 0 or more.");
  }
  const sorted = [...rows].sort(([a], [b]) => Math.abs(a) - Math.abs(b));
  const gain = (move: number) =>
    interpolate(
      sorted.filter(([at]) => at > 0 === move > 0),
      Math.abs(move),
    );
  return Object.freeze({ moves: Object.freeze(rows.map(([move]) => move)), gain });
}

function interpolate(rows: readonly (readonly [move: number, gain: number])[], move: number): number {
  const next = rows.findIndex(([at]) => Math.abs(at) >= move);
  if (next < 0) return rows.at(-1)?.[1] ?? 0;
  const [at, gain] = rows[next]!;
  if (Math.abs(at) === move) return gain;
  const before = rows[next - 1];
  if (before === undefined) return 0;
  const part = (move - Math.abs(before[0])) / (Math.abs(at) - Math.abs(before[0]));
  return before[1] + part * (gain - before[1]);
}
