import { AttackInputError, assertCount } from "./AttackInputError.ts";
import { type LiquidityRange, type Pool, toPool } from "./Pool.ts";

/** A tick at which liquidity changes, as a Uniswap v3 pool keeps it: `liquidityNet` is added when the tick is passed upwards. */
export interface InitialisedTick {
  readonly tick: number;
  readonly liquidityNet: bigint;
}

/** What a Uniswap v3 pool says of itself, in its own units. */
export interface TickedPool {
  readonly id: string;
  /** Square root of token1 per token0, times 2^96 (`slot0`). */
  readonly sqrtPriceX96: bigint;
  /** All initialised ticks, in any order. */
  readonly ticks: readonly InitialisedTick[];
  readonly decimals: readonly [token0: number, token1: number];
  /** Whether token0 is what is priced, in token1. */
  readonly baseIsToken0: boolean;
  /** Part of the input, 0.0005 for the tier 500. */
  readonly fee: number;
}

const maxTick = 887_272;
const logTick = Math.log1p(0.0001);

/**
 * The pool in whole tokens with one range between each two neighbouring ticks. Throws AttackInputError for ticks that
 * do not sum up to zero, or to less than nothing on the way.
 */
export function poolFromTicks(told: TickedPool): Pool {
  const scale = 10 ** (told.decimals[0] - told.decimals[1]);
  const orient = (price: number) => (told.baseIsToken0 ? price : 1 / price);
  const priceAt = (tick: number) => orient(Math.exp(tick * logTick) * scale);
  const ranges = rangesBetween(told).map(([from, to, liquidity]) =>
    told.baseIsToken0 ? toRange(from, to, liquidity, priceAt) : toRange(to, from, liquidity, priceAt),
  );
  const [low, high] = told.baseIsToken0 ? [-maxTick, maxTick] : [maxTick, -maxTick];
  return toPool({
    id: told.id,
    price: orient((Number(told.sqrtPriceX96) / 2 ** 96) ** 2 * scale),
    fee: told.fee,
    ranges: told.baseIsToken0 ? ranges : ranges.reverse(),
    limits: [priceAt(low), priceAt(high)],
  });
}

function toRange(lower: number, upper: number, liquidity: number, priceAt: (tick: number) => number): LiquidityRange {
  return { lower: priceAt(lower), upper: priceAt(upper), liquidity, ticks: [lower, upper] };
}

// Summed in whole numbers: a float would leave liquidity where there is none.
function rangesBetween({ ticks, decimals }: TickedPool): (readonly [from: number, to: number, liquidity: number])[] {
  const sorted = [...ticks].sort((a, b) => a.tick - b.tick);
  const unit = 10 ** ((decimals[0] + decimals[1]) / 2);
  let sum = 0n;
  return sorted.flatMap(({ tick, liquidityNet }, i) => {
    assertCount("tick", tick, -maxTick, maxTick);
    sum += liquidityNet;
    const next = sorted[i + 1]?.tick;
    if (sum < 0n || (next === undefined && sum !== 0n))
      throw new AttackInputError(
        "liquidityNet",
        sum,
        `Its sum at tick ${tick} is ${next === undefined ? "" : "at least "}0.`,
      );
    return next === undefined || next === tick || sum === 0n ? [] : [[tick, next, Number(sum) / unit] as const];
  });
}
