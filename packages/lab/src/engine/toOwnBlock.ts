import type { EvmBlock } from "@testudo/core/model/Evm";
import type { EngineBlock } from "@testudo/evm/Transaction";
import { mostGasTried } from "./mostGasTried.ts";

/** The block that transactions see, as our own engine takes it. */
export function toOwnBlock({ prevRandao, excessBlobGas = 0n, ...block }: EvmBlock): EngineBlock {
  const { number, timestamp, gasLimit, baseFeePerGas, coinbase } = block;
  return {
    number,
    timestamp,
    gasLimit,
    // What a block has room for is no concern of who asks what a transaction would do.
    mostGas: mostGasTried,
    baseFeePerGas,
    coinbase,
    prevRandao: BigInt(prevRandao),
    excessBlobGas,
  };
}
