import type { EvmBlock } from "@testudo/core/model/Evm";
import { mostGasIn } from "../record/mostGasIn.ts";

/**
 * As much as Arbitrum lets a transaction have (32 million), the most generous of the large chains, and more than mainnet does since
 * EIP-7825. A drain of many small steps takes half of it.
 */
const mostAnywhere = 1n << 25n;

/** What a call of a probe may burn, in gas: what `block` and its rules let a transaction have. */
export function mostGasOfCall(block: EvmBlock): bigint {
  const bounds = [mostAnywhere, block.gasLimit, mostGasIn(block) ?? mostAnywhere];
  return bounds.reduce((least, one) => (one < least ? one : least));
}
