import type { EvmTransaction } from "@testudo/core/model/Evm";

const gasPerBlob = 131_072n;

/** The most that `tx` may cost its sender, in wei: value, gas at the highest price, and blobs. */
export function mostItCosts(tx: EvmTransaction, baseFeePerGas: bigint): bigint {
  const price = tx.maxFeePerGas ?? tx.gasPrice ?? baseFeePerGas;
  const blobs = BigInt(tx.blobVersionedHashes?.length ?? 0) * gasPerBlob * (tx.maxFeePerBlobGas ?? 0n);
  return tx.value + tx.gas * price + blobs;
}
