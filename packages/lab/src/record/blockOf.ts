import type { EvmBlock } from "@testudo/core/model/Evm";
import type { Hex } from "@testudo/core/model/Hex";
import type { Capsule } from "./Capsule.ts";

const noAddress: Hex = `0x${"0".repeat(40)}`;
const noWord: Hex = `0x${"0".repeat(64)}`;
// Some chains have no limit that means anything.
const gasLimit = 1_000_000_000n;

/**
 * The block that a transaction of `capsule` runs in: the header of that number, or else one like the capsule's own, a second
 * later for each block between. Default is the block after the capsule's.
 */
export function blockOf({ chainId, hardfork, block, headers = [] }: Capsule, number = block.number + 1n): EvmBlock {
  const header = headers.find((one) => one.number === number);
  const { timestamp, baseFeePerGas, excessBlobGas, difficulty, ...rest } = header ?? {
    ...block,
    timestamp: block.timestamp + number - block.number,
  };
  return {
    chainId,
    number,
    timestamp,
    baseFeePerGas,
    gasLimit: rest.gasLimit ?? gasLimit,
    coinbase: rest.coinbase ?? noAddress,
    prevRandao: rest.prevRandao ?? noWord,
    ...(excessBlobGas === undefined ? {} : { excessBlobGas }),
    ...(difficulty === undefined ? {} : { difficulty }),
    ...(hardfork === undefined ? {} : { hardfork }),
  };
}
