import type { EvmTransaction } from "@testudo/core/model/Evm";
import type { Hex } from "@testudo/core/model/Hex";
import { parseAuthorizations } from "./parseAuthorizations.ts";
import {
  type Fields,
  type Source,
  toAddress,
  toBigint,
  toBytes,
  toFields,
  toHash,
  toList,
  toNumber,
} from "./parseField.ts";

/** A transaction as whoever signed it meant it. */
export type SentTx = Omit<EvmTransaction, "block" | "nonce"> & { readonly hash: Hex; readonly nonce: number };

/** `sent` as engines take it. */
export function toEvmTransaction({ hash: _, ...sent }: SentTx): EvmTransaction & { readonly nonce: bigint } {
  return { ...sent, nonce: BigInt(sent.nonce) };
}

/** Reads what stands in a transaction object of JSON-RPC whether it is in a block or not. Throws `RpcMalformed`. */
export function parseTxFields(tx: Fields, source: Source): SentTx {
  const has = (field: string) => tx[field] !== null && tx[field] !== undefined;
  const quantity = (field: string) => toBigint(source, field, tx[field]);
  return {
    hash: toHash(source, "hash", tx.hash),
    from: toAddress(source, "from", tx.from),
    to: has("to") ? toAddress(source, "to", tx.to) : null,
    value: quantity("value"),
    input: toBytes(source, "input", tx.input ?? tx.data),
    nonce: toNumber(source, "nonce", tx.nonce),
    gas: quantity("gas"),
    // Nodes give a dynamic one a gasPrice as well, which is what it would pay now, or paid.
    ...(has("maxFeePerGas")
      ? { maxFeePerGas: quantity("maxFeePerGas"), maxPriorityFeePerGas: quantity("maxPriorityFeePerGas") }
      : { gasPrice: quantity("gasPrice") }),
    ...(has("accessList") ? { accessList: parseAccessList(tx.accessList, source) } : {}),
    ...(has("maxFeePerBlobGas") ? { maxFeePerBlobGas: quantity("maxFeePerBlobGas") } : {}),
    ...(has("blobVersionedHashes")
      ? {
          blobVersionedHashes: toList(source, "blobVersionedHashes", tx.blobVersionedHashes).map((hash, i) =>
            toHash(source, `blobVersionedHashes[${i}]`, hash),
          ),
        }
      : {}),
    ...(has("authorizationList") ? { authorizationList: parseAuthorizations(tx.authorizationList, source) } : {}),
  };
}

/** Reads an access list (EIP-2930). Throws `RpcMalformed`. */
export function parseAccessList(value: unknown, source: Source): NonNullable<EvmTransaction["accessList"]> {
  return toList(source, "accessList", value).map((item, i) => {
    const entry = toFields(source, `accessList[${i}]`, item);
    const keys = toList(source, `accessList[${i}].storageKeys`, entry.storageKeys);
    return {
      address: toAddress(source, `accessList[${i}].address`, entry.address),
      storageKeys: keys.map((key, j) => toHash(source, `accessList[${i}].storageKeys[${j}]`, key)),
    };
  });
}
