import type { Authorization, EvmTransaction } from "@testudo/core/model/Evm";
import type { Hex } from "@testudo/core/model/Hex";
import { recoverAuthority } from "@testudo/evm/recoverAuthority";
import type { EngineAuthorization, EngineTransaction } from "@testudo/evm/Transaction";
import { fromHex } from "./bytes.ts";

/** `tx` as our engine takes it. Without a price it pays the base fee. */
export function toEngineTransaction(tx: EvmTransaction, nonce: bigint, baseFeePerGas: bigint): EngineTransaction {
  const { from, to, value, gas, accessList, authorizationList } = tx;
  const blobs = tx.blobVersionedHashes ?? [];
  return {
    from,
    to,
    value,
    input: fromHex(tx.input),
    gas,
    nonce,
    ...pricesOf(tx, baseFeePerGas),
    ...(accessList === undefined
      ? {}
      : { accessList: accessList.map((one) => ({ ...one, storageKeys: one.storageKeys.map(toBigint) })) }),
    ...(blobs.length === 0
      ? {}
      : { blobVersionedHashes: blobs.map(fromHex), maxFeePerBlobGas: tx.maxFeePerBlobGas ?? 0n }),
    ...(tx.isImpersonated === true ? { isImpersonated: true } : {}),
    ...(authorizationList === undefined ? {} : { authorizationList: authorizationList.map(toEngineAuthorization) }),
  };
}

function pricesOf(
  { gasPrice, maxFeePerGas, maxPriorityFeePerGas }: EvmTransaction,
  baseFeePerGas: bigint,
): Pick<EngineTransaction, "gasPrice" | "maxFeePerGas" | "maxPriorityFeePerGas"> {
  if (maxFeePerGas === undefined) return { gasPrice: gasPrice ?? baseFeePerGas };
  return { maxFeePerGas, maxPriorityFeePerGas: maxPriorityFeePerGas ?? gasPrice ?? 0n };
}

/** One signed delegation, with whom its signature names. */
export function toEngineAuthorization({ chainId, address, nonce, yParity, r, s }: Authorization): EngineAuthorization {
  const delegation = { chainId: toBigint(chainId), address, nonce: toBigint(nonce) };
  const signature = { yParity: toBigint(yParity), r: toBigint(r), s: toBigint(s) };
  return { ...delegation, authority: recoverAuthority(delegation, signature) };
}

function toBigint(hex: Hex): bigint {
  return hex === "0x" ? 0n : BigInt(hex);
}
