import type { EvmTransaction } from "@testudo/core/model/Evm";
import { blockOf } from "../record/blockOf.ts";
import type { Capsule, CapsuleTransaction } from "../record/Capsule.ts";
import { gasOf } from "../record/gasOf.ts";

/** `tx` of `capsule` as an engine runs it. */
export function toRun(capsule: Capsule, given: CapsuleTransaction): EvmTransaction {
  const { blockNumber, isGasLeftOut: _, ...tx } = given;
  const { chainId, hardfork, ...block } = blockOf(capsule, blockNumber);
  return { ...tx, gas: gasOf(capsule, given), block };
}
