import { blockOf } from "./blockOf.ts";
import type { Capsule, CapsuleTransaction } from "./Capsule.ts";
import { mostGasIn } from "./mostGasIn.ts";

/** Gas of a transaction of which nobody said how much it has, where its block and the rules allow so much. */
export const gasWhereLeftOut = 30_000_000n;

/** Gas that `tx` of `capsule` has: what it says, else `gasWhereLeftOut`, or less where its block or the rules allow less. */
export function gasOf(
  capsule: Capsule,
  { gas, isGasLeftOut, blockNumber }: Pick<CapsuleTransaction, "gas" | "isGasLeftOut" | "blockNumber">,
): bigint {
  if (isGasLeftOut !== true) return gas;
  const block = blockOf(capsule, blockNumber);
  const bounds = [gasWhereLeftOut, block.gasLimit, mostGasIn(block) ?? gasWhereLeftOut];
  return bounds.reduce((least, one) => (one < least ? one : least));
}
