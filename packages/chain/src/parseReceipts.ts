import type { Log } from "@testudo/core/model/BlockBundle";
import type { Hex } from "@testudo/core/model/Hex";
import * as Rlp from "ox/Rlp";
import { listRoot } from "./listRoot.ts";
import {
  type Fields,
  refuse,
  type Source,
  toBigint,
  toFields,
  toFixedBytes,
  toHash,
  toList,
  toNumber,
} from "./parseField.ts";
import { parseReceiptLogs } from "./parseLogs.ts";

// A byte in a log costs 8 gas: in a block of 128 million.
const mostBytes = 16 * 1024 * 1024;

/** The receipts of a block: what its header's `receiptsRoot` comes to by them, and their logs with their places in the block. */
export interface Receipts {
  readonly root: Hex;
  readonly logs: readonly Log[];
}

/**
 * Reads the answer of eth_getBlockReceipts. Where the root is the header's, each log is what the chain has, whoever told
 * it: status, gas and blooms of the receipts stand under it too (Yellow Paper 4.3.1, EIP-658, EIP-2718). `count`: of how many
 * transactions. More than that, or more than a block has gas for, is refused unread.
 */
export function parseReceipts(value: unknown, source: Source, count?: number): Receipts {
  const list = toList(source, "receipts", value);
  if (count !== undefined && list.length !== count) return refuse(source, "receipts", list.length, `${count} receipts`);
  let bytes = 0;
  const receipts = list.map((item, i) => {
    const receipt = parseReceipt(item, i, source);
    bytes += receipt.bytes.length / 2;
    if (bytes > mostBytes) refuse(source, "receipts", `${bytes} bytes`, `at most ${mostBytes} bytes`);
    return receipt;
  });
  let index = 0;
  const logs = receipts.flatMap(({ logs: own }, txIndex) =>
    own.map((log): Log => ({ ...log, index: index++, txIndex })),
  );
  return { root: listRoot(receipts.map(({ bytes }) => bytes)), logs };
}

function parseReceipt(value: unknown, place: number, source: Source) {
  const at = (field: string) => `receipts[${place}].${field}`;
  const receipt = toFields(source, `receipts[${place}]`, value);
  const logs = parseReceiptLogs(receipt.logs, source);
  const type = receipt.type == null ? 0 : toNumber(source, at("type"), receipt.type);
  // Above it RLP begins (EIP-2718).
  if (type > 0x7f) return refuse(source, at("type"), receipt.type, "a transaction's type, up to 0x7f");
  const content = Rlp.fromHex([
    outcomeOf(receipt, at, source),
    trimmed(toBigint(source, at("cumulativeGasUsed"), receipt.cumulativeGasUsed)),
    toFixedBytes(source, at("logsBloom"), receipt.logsBloom, 256),
    logs.map(({ address, topics, data }) => [address, topics, data]),
  ]);
  const bytes: Hex = type === 0 ? content : `0x${type.toString(16).padStart(2, "0")}${content.slice(2)}`;
  return { bytes, logs };
}

/** Before Byzantium a receipt had the state's root instead of a status. */
function outcomeOf({ status, root }: Fields, at: (field: string) => string, source: Source): Hex {
  if (status == null) return toHash(source, at("root"), root);
  return trimmed(toBigint(source, at("status"), status));
}

function trimmed(number: bigint): Hex {
  if (number === 0n) return "0x";
  const bytes = number.toString(16);
  return `0x${bytes.length % 2 === 0 ? bytes : `0${bytes}`}`;
}
