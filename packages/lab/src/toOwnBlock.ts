import type { EvmBlock } from "@testudo/core/model/Evm";
import type { EngineBlock } from "@testudo/evm/Transaction";

/** The block that transactions see, as our own engine takes it. */
export function toOwnBlock({ prevRandao, excessBlobGas = 0n, ...block }: EvmBlock): EngineBlock {
  const { number, timestamp, gasLimit, baseFeePerGas, coinbase } = block;
  // What a block has room for is no concern of who asks what a transaction would do.
  const mostGas = (1n << 63n) - 1n;
  return {
    number,
    timestamp,
    gasLimit,
    mostGas,
    baseFeePerGas,
    coinbase,
    prevRandao: BigInt(prevRandao),
    excessBlobGas,
  };
}
