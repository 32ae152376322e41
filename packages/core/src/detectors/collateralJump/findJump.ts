import { leastSquares } from "../../math/leastSquares.ts";
import { median, scaledMad } from "../../math/median.ts";
import type { Memory } from "../../model/Memory.ts";
import { addToRing, ringOf } from "../../model/Ring.ts";
import type { Beta, JumpLimits } from "./CollateralJumpParams.ts";

/** A change of the logarithm of collateral over debt, and of the price's, within a block. */
export interface RatioMove {
  readonly ratio: number;
  readonly price: number;
}

/** A change beyond what price and habit explain. `excess` is negative for a fall. */
export interface Jump {
  readonly excess: number;
  readonly limit: number;
  readonly residual: number;
  readonly beta: number;
  readonly samples: number;
}

// Below this spread of log-prices (0.1 % in the root mean square over a few dozen blocks) a slope is the noise's.
const leastSpread = 1e-5;

/**
 * r = dln(C/D) − beta · dlnP held against the last residuals under `key`, which then take it in; a jump if |r − median| is
 * beyond k · max(MAD, minMad). A rolling beta is the slope of the earlier moves that were no jumps, 1 before there are any.
 */
export function findJump(
  memory: Memory,
  key: string,
  move: RatioMove,
  beta: Beta,
  limits: JumpLimits,
): Jump | undefined {
  const weight = beta === "rolling" ? rollingBeta(memory, key, limits) : beta;
  const residual = move.ratio - weight * move.price;
  const found = judgeResidual(memory, key, residual, weight, limits);
  // What is no habit must not become the slope that explains the next one.
  if (beta === "rolling" && found === undefined)
    addToRing(memory, `moves:${key}`, [move.price, move.ratio], limits.maxSamples);
  return found;
}

/** As `findJump`, where the price's part was taken out already. */
export function judgeResidual(
  memory: Memory,
  key: string,
  residual: number,
  beta: number,
  limits: JumpLimits,
): Jump | undefined {
  const past = ringOf<number>(memory, `residuals:${key}`).map(Number);
  addToRing(memory, `residuals:${key}`, residual, limits.maxSamples);
  if (past.length < limits.minSamples) return undefined;
  const limit = limits.k * Math.max(scaledMad(past)!, limits.minMad);
  const excess = residual - median(past)!;
  return Math.abs(excess) > limit ? { excess, limit, residual, beta, samples: past.length } : undefined;
}

function rollingBeta(memory: Memory, key: string, limits: JumpLimits): number {
  const moves = ringOf<[number, number]>(memory, `moves:${key}`).map(([x, y]) => [Number(x), Number(y)] as const);
  const line = leastSquares(moves);
  return line === undefined || line.count < limits.minSamples || line.spread < leastSpread ? 1 : line.slope;
}
