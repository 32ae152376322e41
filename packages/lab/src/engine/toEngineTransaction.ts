import type { Authorization, EvmTransaction } from "@testudo/core/model/Evm";
import type { Hex } from "@testudo/core/model/Hex";
import { emptyAccount } from "@testudo/evm/intrinsicGas";
import { recoverAuthority } from "@testudo/evm/recoverAuthority";
import type { EngineAuthorization, EngineTransaction } from "@testudo/evm/Transaction";
import { fromHex } from "../record/bytes.ts";

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
    ...(authorizationList === undefined ? {} : { authorizationList: authorizationsOf(tx, authorizationList) }),
  };
}

function pricesOf(
  { gasPrice, maxFeePerGas, maxPriorityFeePerGas }: EvmTransaction,
  baseFeePerGas: bigint,
): Pick<EngineTransaction, "gasPrice" | "maxFeePerGas" | "maxPriorityFeePerGas"> {
  if (maxFeePerGas === undefined) return { gasPrice: gasPrice ?? baseFeePerGas };
  return { maxFeePerGas, maxPriorityFeePerGas: maxPriorityFeePerGas ?? gasPrice ?? 0n };
}

// Whose a signature is takes milliseconds to find out. A transaction that does not pay for them is not valid, whosever they are.
function authorizationsOf({ gas }: EvmTransaction, list: readonly Authorization[]): EngineAuthorization[] {
  const isPaid = BigInt(list.length) * emptyAccount <= gas;
  return list.map((one) => (isPaid ? toEngineAuthorization(one) : { ...delegationOf(one), authority: undefined }));
}

/** One signed delegation, with whom its signature names. */
export function toEngineAuthorization(authorization: Authorization): EngineAuthorization {
  const { yParity, r, s } = authorization;
  const delegation = delegationOf(authorization);
  const signature = { yParity: toBigint(yParity), r: toBigint(r), s: toBigint(s) };
  return { ...delegation, authority: recoverAuthority(delegation, signature) };
}

function delegationOf({ chainId, address, nonce }: Authorization) {
  return { chainId: toBigint(chainId), address, nonce: toBigint(nonce) };
}

function toBigint(hex: Hex): bigint {
  return hex === "0x" ? 0n : BigInt(hex);
}
