import type { Common } from "@ethereumjs/common";
import { createTx, TransactionType, type TypedTransaction, type TypedTxData } from "@ethereumjs/tx";
import { Address as EngineAddress } from "@ethereumjs/util";
import type { EvmTransaction } from "@testudo/core/model/Evm";
import { fromHex } from "../record/bytes.ts";

/** `tx` as the engine takes it, sent by `tx.from` whatever its signature would say. Throws where no rule knows such a one. */
export function toEngineTx(tx: EvmTransaction, nonce: bigint, baseFeePerGas: bigint, common: Common): TypedTransaction {
  const made = createTx(dataOf(tx, nonce, baseFeePerGas), { common, freeze: false });
  const sender = new EngineAddress(fromHex(tx.from));
  made.getSenderAddress = () => sender;
  return made;
}

function dataOf(tx: EvmTransaction, nonce: bigint, baseFeePerGas: bigint): TypedTxData {
  const accessList = tx.accessList?.map(({ address, storageKeys }) => ({ address, storageKeys: [...storageKeys] }));
  const common = {
    nonce,
    gasLimit: tx.gas,
    ...(tx.to === null ? {} : { to: tx.to }),
    value: tx.value,
    data: tx.input,
  };
  const fees = {
    maxFeePerGas: tx.maxFeePerGas ?? tx.gasPrice ?? baseFeePerGas,
    maxPriorityFeePerGas: tx.maxPriorityFeePerGas ?? tx.gasPrice ?? 0n,
    accessList: accessList ?? [],
  };
  if (tx.authorizationList !== undefined)
    return {
      ...common,
      ...fees,
      type: TransactionType.EOACodeEIP7702,
      authorizationList: [...tx.authorizationList],
    } as TypedTxData;
  if (tx.blobVersionedHashes !== undefined && tx.blobVersionedHashes.length > 0)
    return {
      ...common,
      ...fees,
      type: TransactionType.BlobEIP4844,
      maxFeePerBlobGas: tx.maxFeePerBlobGas ?? 0n,
      blobVersionedHashes: [...tx.blobVersionedHashes],
    };
  if (tx.maxFeePerGas !== undefined) return { ...common, ...fees, type: TransactionType.FeeMarketEIP1559 };
  const gasPrice = tx.gasPrice ?? baseFeePerGas;
  if (accessList !== undefined) return { ...common, gasPrice, accessList, type: TransactionType.AccessListEIP2930 };
  return { ...common, gasPrice, type: TransactionType.Legacy };
}
