import type { EvmTransaction } from "@testudo/core/model/Evm";
import { blockOf } from "./blockOf.ts";
import type { Capsule, CapsuleTransaction } from "./Capsule.ts";

/** `tx` of `capsule` as an engine runs it. */
export function toRun(capsule: Capsule, { blockNumber, ...tx }: CapsuleTransaction): EvmTransaction {
  const { chainId, hardfork, ...block } = blockOf(capsule, blockNumber);
  return { ...tx, block };
}
