import type { BlockBundle, CallFrame } from "@testudo/core/model/BlockBundle";
import { createdAddress } from "@testudo/core/model/createdAddress";
import type { TxView } from "@testudo/core/model/TxView";
import type { BotBlock, BotTransaction } from "./BotMessage.ts";

/**
 * A block as Forta's SDK describes it. What we do not fetch is zero or empty: gas and fees, a transaction's signature, and of
 * the block all but number, hash, parent, time and the transactions' hashes.
 */
export function toBotBlock(chainId: number, { ref }: BlockBundle, views: readonly TxView[]): BotBlock {
  const zero = "0x0";
  return {
    chainId,
    block: {
      ...{ difficulty: zero, extraData: "0x", gasLimit: zero, gasUsed: zero, logsBloom: "0x", miner: zeroAddress },
      ...{ mixHash: "0x", nonce: zero, receiptsRoot: "0x", sha3Uncles: "0x", size: zero, stateRoot: "0x" },
      ...{ totalDifficulty: zero, transactionsRoot: "0x", uncles: [] },
      number: Number(ref.number),
      hash: ref.hash,
      parentHash: ref.parentHash,
      timestamp: Number(ref.timestamp),
      transactions: views.map(({ tx }) => tx.hash),
    },
    txs: views.map((view) => toBotTransaction(ref, view)),
  };
}

const zeroAddress = "0x0000000000000000000000000000000000000000";

function toBotTransaction(ref: BlockBundle["ref"], { tx, logs, trace }: TxView): BotTransaction {
  const place = { blockNumber: Number(ref.number), blockHash: ref.hash, transactionHash: tx.hash };
  const traces =
    trace === undefined ? [] : flat(trace, []).map((one) => ({ ...one, ...place, transactionPosition: tx.index }));
  const contractAddress = tx.to === null ? createdAddress(tx.from, tx.nonce) : null;
  const touched = [
    ...[tx.from, tx.to, contractAddress, ...logs.map((log) => log.address)],
    ...traces.flatMap(({ action }) => [action.from, action.to]),
  ];
  return {
    transaction: {
      ...{ hash: tx.hash, from: tx.from, to: tx.to, nonce: tx.nonce, value: hex(tx.value), data: tx.input },
      ...{ gas: "0x0", gasPrice: "0x0", r: "0x0", s: "0x0", v: "0x0" },
    },
    logs: logs.map((log) => ({
      ...{ address: log.address, topics: [...log.topics], data: log.data, logIndex: log.index },
      ...{ ...place, transactionIndex: tx.index, removed: false },
    })),
    traces,
    addresses: Object.fromEntries(
      touched.filter((address) => typeof address === "string" && address !== "").map((address) => [address, true]),
    ),
    contractAddress,
  };
}

/** Calls in the flat form of `trace_block`, in the order of their entry. */
function flat(frame: CallFrame, traceAddress: readonly number[]) {
  type Flat = ReturnType<typeof flatOne>;
  const list: Flat[] = [];
  const open: { readonly frame: CallFrame; readonly at: readonly number[] }[] = [{ frame, at: traceAddress }];
  for (let top = open.pop(); top !== undefined; top = open.pop()) {
    list.push(flatOne(top.frame, top.at));
    for (let i = top.frame.calls.length - 1; i >= 0; i--) open.push({ frame: top.frame.calls[i]!, at: [...top.at, i] });
  }
  return list;
}

function flatOne({ type, from, to, value, input, output, error, calls }: CallFrame, traceAddress: readonly number[]) {
  const isCreation = type === "CREATE" || type === "CREATE2";
  const isEnd = type === "SELFDESTRUCT";
  return {
    type: isCreation ? "create" : isEnd ? "suicide" : "call",
    action: {
      callType: isCreation || isEnd ? "" : type.toLowerCase(),
      ...{ from, to: isCreation ? "" : to, value: hex(value) },
      ...{ input: isCreation ? "" : input, init: isCreation ? input : "" },
      ...{ address: isEnd ? from : "", refundAddress: isEnd ? to : "", balance: isEnd ? hex(value) : "" },
    },
    result: {
      gasUsed: "0x0",
      address: isCreation ? to : "",
      code: isCreation ? output : "",
      output: isCreation ? "" : output,
    },
    subtraces: calls.length,
    traceAddress: [...traceAddress],
    error: error ?? "",
  };
}

function hex(value: bigint): string {
  return `0x${value.toString(16)}`;
}
