import type { Log } from "@testudo/core/model/BlockBundle";
import type { Hex } from "@testudo/core/model/Hex";
import { refuse, type Source, toAddress, toBytes, toFields, toHash, toList, toNumber } from "./parseField.ts";

/**
 * Reads the answer of eth_getLogs for the block `blockHash`, in the order of the block.
 * A log of another block, or one that was taken back, is refused: the node moved on between two answers.
 */
export function parseLogs(value: unknown, blockHash: Hex, source: Source): Log[] {
  const logs = toList(source, "logs", value).map((log, i) => parseLog(log, i, blockHash, source));
  for (let i = 1; i < logs.length; i++) if (logs[i]!.index <= logs[i - 1]!.index) return sorted(logs, source);
  return logs;
}

function parseLog(value: unknown, position: number, blockHash: Hex, source: Source): Log {
  const log = toFields(source, `logs[${position}]`, value);
  const where = (field: string) => `logs[${position}].${field}`;
  if (log.blockHash !== blockHash && toHash(source, where("blockHash"), log.blockHash) !== blockHash)
    return refuse(source, where("blockHash"), log.blockHash, blockHash);
  if (log.removed === true) return refuse(source, where("removed"), true, "false");
  return {
    address: toAddress(source, "log.address", log.address),
    topics: parseTopics(log.topics, source),
    data: toBytes(source, "log.data", log.data),
    index: toNumber(source, "log.logIndex", log.logIndex),
    txIndex: toNumber(source, "log.transactionIndex", log.transactionIndex),
  };
}

/** Reads the logs of a receipt, in their order, without their places in the block. */
export function parseReceiptLogs(value: unknown, source: Source): Pick<Log, "address" | "topics" | "data">[] {
  return toList(source, "logs", value).map((item, i) => {
    const log = toFields(source, `logs[${i}]`, item);
    return {
      address: toAddress(source, `logs[${i}].address`, log.address),
      topics: parseTopics(log.topics, source),
      data: toBytes(source, `logs[${i}].data`, log.data),
    };
  });
}

/** Reads up to four topics. */
export function parseTopics(value: unknown, source: Source): Hex[] {
  const topics = toList(source, "log.topics", value);
  if (topics.length > 4) return refuse(source, "log.topics", topics, "at most 4 topics");
  return topics.map((topic) => toHash(source, "log.topics[]", topic));
}

function sorted(logs: readonly Log[], source: Source): Log[] {
  const list = [...logs].sort((a, b) => a.index - b.index);
  for (let i = 1; i < list.length; i++)
    if (list[i]!.index === list[i - 1]!.index) return refuse(source, "log.logIndex", list[i]!.index, "each index once");
  return list;
}
