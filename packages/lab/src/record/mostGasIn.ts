import type { EvmBlock } from "@testudo/core/model/Evm";
import { forkRules } from "@testudo/evm/fork";
import { hardforkOf, isOurFork } from "./hardforkOf.ts";

/** Gas that a transaction may have at most by the rules of `block` (EIP-7825), beside what the block has; undefined for any. */
export function mostGasIn(block: Pick<EvmBlock, "hardfork" | "timestamp">): bigint | undefined {
  const fork = hardforkOf(block);
  // The one that the other engine has after ours.
  if (fork === "amsterdam") return forkRules.osaka.mostGas;
  return isOurFork(fork) ? forkRules[fork].mostGas : undefined;
}
