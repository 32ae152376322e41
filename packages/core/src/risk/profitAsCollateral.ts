import { ceilDiv } from "../math/ceilDiv.ts";
import { assertMarginRange, marginRanges, WAD } from "./MarginInputs.ts";

/**
 * How much of an unrealised `profit` counts as collateral, rounded down: the lesser of `fraction` (WAD, at most one) of
 * it and what is left of it after selling `size` into `depth`, each unit at the last price reached. The same as
 * MarginCalibrator.profitAsCollateral. Throws MarginInputError.
 */
export function profitAsCollateral(profit: bigint, size: bigint, depth: bigint, fraction: bigint): bigint {
  assertMarginRange("profit", profit, marginRanges.size);
  assertMarginRange("size", size, marginRanges.size);
  assertMarginRange("depth", depth, marginRanges.depth);
  assertMarginRange("fraction", fraction, [0n, WAD]);
  const left = profit - ceilDiv(size * size, depth);
  const part = (profit * fraction) / WAD;
  return left < 0n ? 0n : left < part ? left : part;
}
