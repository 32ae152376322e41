import { type Block, createBlock } from "@ethereumjs/block";
import type { Common } from "@ethereumjs/common";
import type { EvmBlock } from "@testudo/core/model/Evm";

/** The block that transactions see, as the engine takes it; what the rules of `common` do not have is left out. */
export function toEngineBlock(block: EvmBlock, common: Common): Block {
  const { number, timestamp, gasLimit, coinbase, prevRandao, baseFeePerGas, excessBlobGas, difficulty } = block;
  const header = {
    number,
    timestamp,
    gasLimit,
    coinbase,
    mixHash: prevRandao,
    difficulty: difficulty ?? 0n,
    ...(common.isActivatedEIP(1559) ? { baseFeePerGas } : {}),
    ...(common.isActivatedEIP(4844) ? { excessBlobGas: excessBlobGas ?? 0n } : {}),
  };
  return createBlock({ header }, { common, skipConsensusFormatValidation: true, freeze: false });
}
