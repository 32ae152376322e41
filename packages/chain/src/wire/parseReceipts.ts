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
import { opDepositType } from "./rollupTransaction.ts";
import { toRlpNumber } from "./toRlpNumber.ts";

// What logs cost: in a block of 128 million gas, and a little more. Hashing what one node makes up would take minutes.
const mostGas = 8 * 16 * 1024 * 1024;
const [gasOfWord, gasOfByte] = [375, 8];

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
  const gas = list.reduce((sum: number, item) => sum + gasOfLogs(item), 0);
  if (gas > mostGas) return refuse(source, "receipts", `${gas} gas of logs`, `at most ${mostGas}`);
  const receipts = list.map((item, i) => parseReceipt(item, i, source));
  let index = 0;
  const logs = receipts.flatMap(({ logs: own }, txIndex) =>
    own.map((log): Log => ({ ...log, index: index++, txIndex })),
  );
  return { root: listRoot(receipts.map(({ bytes }) => bytes)), logs };
}

/** What the logs of a receipt that nobody has read yet took at least. */
function gasOfLogs(receipt: unknown): number {
  const { logs } = (receipt ?? {}) as Fields;
  if (!Array.isArray(logs)) return 0;
  let gas = 0;
  for (const log of logs as (Fields | null)[]) {
    const bytes = typeof log?.data === "string" ? log.data.length / 2 - 1 : 0;
    gas += gasOfWord * (1 + (Array.isArray(log?.topics) ? log.topics.length : 0)) + gasOfByte * bytes;
  }
  return gas;
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
    toRlpNumber(toBigint(source, at("cumulativeGasUsed"), receipt.cumulativeGasUsed)),
    toFixedBytes(source, at("logsBloom"), receipt.logsBloom, 256),
    logs.map(({ address, topics, data }) => [address, topics, data]),
    ...(type === opDepositType ? depositOf(receipt, at, source) : []),
  ]);
  const bytes: Hex = type === 0 ? content : `0x${type.toString(16).padStart(2, "0")}${content.slice(2)}`;
  return { bytes, logs };
}

/** What stands in a deposit's receipt beside the rest since the OP stack's Canyon; before that the root had it without. */
function depositOf({ depositNonce, depositReceiptVersion }: Fields, at: (field: string) => string, source: Source) {
  if (depositReceiptVersion == null) return [];
  return [
    toRlpNumber(toBigint(source, at("depositNonce"), depositNonce)),
    toRlpNumber(toBigint(source, at("depositReceiptVersion"), depositReceiptVersion)),
  ];
}

/** Before Byzantium a receipt had the state's root instead of a status. */
function outcomeOf({ status, root }: Fields, at: (field: string) => string, source: Source): Hex {
  if (status == null) return toHash(source, at("root"), root);
  return toRlpNumber(toBigint(source, at("status"), status));
}
