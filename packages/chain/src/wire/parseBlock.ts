import type { BlockRef, Transaction } from "@testudo/core/model/BlockBundle";
import type { Authorization } from "@testudo/core/model/Evm";
import type { Hex } from "@testudo/core/model/Hex";
import { parseAuthorizations } from "./parseAuthorizations.ts";
import {
  type Fields,
  refuse,
  type Source,
  toAddress,
  toBigint,
  toBytes,
  toFields,
  toFixedBytes,
  toHash,
  toList,
  toNumber,
} from "./parseField.ts";

/** A block as a node describes it. `txs` is absent where only the hashes were asked for. */
export interface Block {
  readonly ref: BlockRef;
  /** The header's bloom filter over its logs, 256 bytes; all zero on chains that don't fill it. */
  readonly logsBloom: Hex;
  /** What the block's receipts come to, where the chain says so. */
  readonly receiptsRoot?: Hex;
  readonly txHashes: readonly Hex[];
  readonly txs?: readonly BlockTransaction[];
}

/** A transaction as it was read, and as the node gave it; the delegations in it, whose signers are not known yet. */
export type BlockTransaction = Transaction & {
  readonly authorizations?: readonly Authorization[];
  readonly wire: Fields;
};

/** Reads the answer of eth_getBlockByHash or eth_getBlockByNumber; null when the node has no such block. */
export function parseBlock(value: unknown, source: Source): Block | null {
  if (value === null) return null;
  const fields = toFields(source, "block", value);
  const ref = parseRef(fields, source);
  const list = toList(source, "transactions", fields.transactions);
  const logsBloom = toFixedBytes(source, "logsBloom", fields.logsBloom, 256);
  // Chains exist that have none, and say so by no bytes.
  const hasRoot = fields.receiptsRoot != null && fields.receiptsRoot !== "0x";
  const receiptsRoot = hasRoot ? toHash(source, "receiptsRoot", fields.receiptsRoot) : undefined;
  const header = { ref, logsBloom, ...(receiptsRoot === undefined ? {} : { receiptsRoot }) };
  if (list.length === 0) return { ...header, txHashes: [], txs: [] };
  if (typeof list[0] === "string")
    return { ...header, txHashes: list.map((hash, i) => toHash(source, `transactions[${i}]`, hash)) };
  const txs = list.map((tx, i) => parseTransaction(tx, i, ref, source));
  return { ...header, txHashes: txs.map((tx) => tx.hash), txs };
}

function parseRef(fields: Fields, source: Source): BlockRef {
  return {
    number: toBigint(source, "number", fields.number),
    hash: toHash(source, "hash", fields.hash),
    parentHash: toHash(source, "parentHash", fields.parentHash),
    timestamp: toBigint(source, "timestamp", fields.timestamp),
  };
}

function parseTransaction(value: unknown, position: number, ref: BlockRef, source: Source): BlockTransaction {
  const at = `transactions[${position}]`;
  const tx = toFields(source, at, value);
  const index = toNumber(source, `${at}.transactionIndex`, tx.transactionIndex);
  if (index !== position) return refuse(source, `${at}.transactionIndex`, tx.transactionIndex, `${position}`);
  const blockHash = toHash(source, `${at}.blockHash`, tx.blockHash);
  if (blockHash !== ref.hash) return refuse(source, `${at}.blockHash`, blockHash, ref.hash);
  return {
    hash: toHash(source, `${at}.hash`, tx.hash),
    index,
    from: toAddress(source, `${at}.from`, tx.from),
    to: tx.to === null || tx.to === undefined ? null : toAddress(source, `${at}.to`, tx.to),
    value: toBigint(source, `${at}.value`, tx.value),
    input: toBytes(source, `${at}.input`, tx.input ?? tx.data),
    nonce: toNumber(source, `${at}.nonce`, tx.nonce),
    ...(tx.authorizationList == null ? {} : { authorizations: parseAuthorizations(tx.authorizationList, source) }),
    wire: tx,
  };
}
