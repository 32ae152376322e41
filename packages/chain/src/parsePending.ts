import type { PendingTx } from "@testudo/core/model/PendingTx";
import { parseAuthorizations } from "./parseAuthorizations.ts";
import { type Source, toAddress, toBigint, toBytes, toFields, toHash, toList, toNumber } from "./parseField.ts";

/**
 * Reads a transaction object of JSON-RPC (eth_getTransactionByHash, txpool_content) that is in no block. Null where it is
 * unknown or in a block by now. Throws `RpcMalformed`.
 */
export function parsePending(value: unknown, source: Source, shownBy: string): PendingTx | null {
  if (value === null) return null;
  const tx = toFields(source, "transaction", value);
  if (tx.blockHash !== null && tx.blockHash !== undefined) return null;
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
    // Nodes give a dynamic one a gasPrice as well, which is what it would pay now.
    ...(has("maxFeePerGas")
      ? { maxFeePerGas: quantity("maxFeePerGas"), maxPriorityFeePerGas: quantity("maxPriorityFeePerGas") }
      : { gasPrice: quantity("gasPrice") }),
    ...(has("accessList") ? { accessList: accessListOf(tx.accessList, source) } : {}),
    ...(has("maxFeePerBlobGas") ? { maxFeePerBlobGas: quantity("maxFeePerBlobGas") } : {}),
    ...(has("blobVersionedHashes")
      ? {
          blobVersionedHashes: toList(source, "blobVersionedHashes", tx.blobVersionedHashes).map((hash, i) =>
            toHash(source, `blobVersionedHashes[${i}]`, hash),
          ),
        }
      : {}),
    ...(has("authorizationList") ? { authorizationList: parseAuthorizations(tx.authorizationList, source) } : {}),
    source: shownBy,
  };
}

function accessListOf(value: unknown, source: Source): NonNullable<PendingTx["accessList"]> {
  return toList(source, "accessList", value).map((item, i) => {
    const entry = toFields(source, `accessList[${i}]`, item);
    const keys = toList(source, `accessList[${i}].storageKeys`, entry.storageKeys);
    return {
      address: toAddress(source, `accessList[${i}].address`, entry.address),
      storageKeys: keys.map((key, j) => toHash(source, `accessList[${i}].storageKeys[${j}]`, key)),
    };
  });
}
