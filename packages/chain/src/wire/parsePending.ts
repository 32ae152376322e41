import type { PendingTx } from "@testudo/core/model/PendingTx";
import { type Source, toFields, toNumber } from "./parseField.ts";
import { parseTxFields } from "./parseTxFields.ts";

/**
 * Reads a transaction object of JSON-RPC (eth_getTransactionByHash, txpool_content) that is in no block. Null where it is
 * unknown or in a block by now. Throws `RpcMalformed`.
 */
export function parsePending(value: unknown, source: Source, shownBy: string): PendingTx | null {
  if (value === null) return null;
  const tx = toFields(source, "transaction", value);
  if (tx.blockHash !== null && tx.blockHash !== undefined) return null;
  const isNamed = tx.chainId !== null && tx.chainId !== undefined;
  const chain = isNamed ? { chainId: toNumber(source, "chainId", tx.chainId) } : {};
  return { ...parseTxFields(tx, source), ...chain, source: shownBy };
}
