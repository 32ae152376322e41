import type { BlockRef, CallFrame, FrameLog, Transaction } from "@testudo/core/model/BlockBundle";
import { walk } from "@testudo/core/model/CallTree";
import type { EvmBlock, EvmTransaction } from "@testudo/core/model/Evm";
import type { Hex } from "@testudo/core/model/Hex";
import { RpcMalformed, RpcRefused } from "../rpc/RpcError.ts";
import type { Endpoint } from "../rpc/rpcEndpoint.ts";
import { refuse, type Source, toBigint, toFields, toHash, toNumber } from "../wire/parseField.ts";
import { parseReceiptLogs } from "../wire/parseLogs.ts";
import { parseFrame } from "../wire/parseTrace.ts";
import { parseTxFields, toEvmTransaction } from "../wire/parseTxFields.ts";
import { fetchHeader } from "./fetchHeader.ts";

/** A mined transaction as a node's block and receipt tell of it. */
export interface MinedTransaction {
  readonly chainId: number;
  readonly ref: BlockRef;
  readonly tx: Transaction;
  /** To run it again. */
  readonly evm: EvmTransaction;
  readonly block: EvmBlock;
  readonly succeeded: boolean;
  readonly gasUsed: bigint;
  readonly logs: readonly FrameLog[];
}

/** A mined transaction with all that a node tells of it. */
export interface FetchedTransaction extends MinedTransaction {
  /** The call tree by callTracer with logs; undefined where the node offers none. */
  readonly trace?: CallFrame;
  /** Gas given and used, for each call of `trace` in pre-order, where the node told both of all. */
  readonly gas?: readonly { readonly gas: bigint; readonly gasUsed: bigint }[];
  /** What prestateTracer with `diffMode` answered, unread; undefined where the node offers none. */
  readonly diff?: unknown;
  /** What the node refused, in its own words. */
  readonly refused: readonly string[];
}

// A tracer runs the block up to the transaction again.
const traceTimeoutMs = 120_000;

/** Asks `endpoint` for the transaction `hash`. Throws `TransactionUnknown` for one that is not mined, and what the endpoint throws. */
export async function fetchTransaction(endpoint: Endpoint, hash: Hex): Promise<FetchedTransaction> {
  const mined = await fetchMined(endpoint, hash);
  return { ...mined, ...(await fetchTraces(endpoint, hash)) };
}

/** A mined transaction with its call tree. */
export type TracedTransaction = MinedTransaction & Pick<FetchedTransaction, "trace" | "refused">;

/** The transaction `hash` with its call tree and no state difference, which costs a node as much again. Throws like `fetchTransaction`. */
export async function fetchCallTree(endpoint: Endpoint, hash: Hex): Promise<TracedTransaction> {
  const mined = await fetchMined(endpoint, hash);
  const { trace, refused } = await fetchTree(endpoint, hash);
  return { ...mined, refused, ...(trace === undefined ? {} : { trace }) };
}

async function fetchMined(endpoint: Endpoint, hash: Hex): Promise<MinedTransaction> {
  const source = (method: string): Source => ({ method, endpoint: endpoint.label });
  const given = await endpoint.request("eth_getTransactionByHash", [hash]);
  const got = await endpoint.request("eth_getTransactionReceipt", [hash]);
  if (given === null || got === null) throw new TransactionUnknown(endpoint.label, hash);
  const from = source("eth_getTransactionByHash");
  const fields = toFields(from, "transaction", given);
  const mined = source("eth_getTransactionReceipt");
  const receipt = toFields(mined, "receipt", got);
  for (const [where, named] of [
    ["transaction.hash", fields.hash],
    ["receipt.transactionHash", receipt.transactionHash],
  ] as const)
    if (toHash(from, where, named) !== hash) refuse(from, where, named, hash);
  // Where it stands is the receipt's to say: a node may still hold in its pool what it has put into a block already.
  if (receipt.blockHash == null) throw new TransactionUnknown(endpoint.label, hash);
  const { parentHash, ...header } = await fetchHeader(endpoint, toHash(mined, "receipt.blockHash", receipt.blockHash));
  const chainId = Number(toBigint(source("eth_chainId"), "result", await endpoint.request("eth_chainId", [])));
  const sent = parseTxFields(fields, from);
  const { hash: _, ...block } = header;
  return {
    chainId,
    ref: { number: header.number, hash: header.hash, parentHash, timestamp: header.timestamp },
    tx: {
      hash,
      index: toNumber(mined, "receipt.transactionIndex", receipt.transactionIndex),
      from: sent.from,
      to: sent.to,
      value: sent.value,
      input: sent.input,
      nonce: sent.nonce,
    },
    evm: toEvmTransaction(sent),
    block: { chainId, ...block },
    succeeded: receipt.status === undefined || receipt.status === "0x1",
    gasUsed: toBigint(mined, "receipt.gasUsed", receipt.gasUsed),
    logs: parseReceiptLogs(receipt.logs, mined),
  };
}

type Traced = Pick<FetchedTransaction, "trace" | "gas" | "diff" | "refused">;

const tracing = "debug_traceTransaction";

async function fetchTraces(endpoint: Endpoint, hash: Hex): Promise<Traced> {
  const { tree, trace, refused } = await fetchTree(endpoint, hash);
  const diff = await ask(endpoint, [hash, { tracer: "prestateTracer", tracerConfig: { diffMode: true } }]);
  const gas = trace === undefined ? undefined : gasIn(tree, walk(trace).length);
  return {
    refused: [...refused, ...diff.refused],
    ...(trace === undefined ? {} : { trace }),
    ...(gas === undefined ? {} : { gas }),
    ...(diff.answer === undefined ? {} : { diff: diff.answer }),
  };
}

/** The tree as the node gave it, and read. */
async function fetchTree(
  endpoint: Endpoint,
  hash: Hex,
): Promise<{ readonly tree: unknown; readonly trace: CallFrame | undefined; readonly refused: readonly string[] }> {
  const { answer, refused } = await ask(endpoint, [hash, { tracer: "callTracer", tracerConfig: { withLog: true } }]);
  const source = { method: tracing, endpoint: endpoint.label };
  return { tree: answer, trace: answer === undefined ? undefined : readTree(answer, source), refused };
}

async function ask(
  endpoint: Endpoint,
  params: readonly unknown[],
): Promise<{ readonly answer: unknown; readonly refused: readonly string[] }> {
  try {
    return { answer: await endpoint.request(tracing, params, { timeoutMs: traceTimeoutMs }), refused: [] };
  } catch (error) {
    if (!(error instanceof RpcRefused)) throw error;
    return { answer: undefined, refused: [error.said] };
  }
}

function readTree(tree: unknown, source: Source): CallFrame | undefined {
  try {
    return parseFrame(tree, source);
  } catch (error) {
    // Some answer with a tree of opcodes, whatever was asked for.
    if (error instanceof RpcMalformed) return undefined;
    throw error;
  }
}

/** The gas of a raw tree in pre-order; undefined where a call does not tell. */
function gasIn(tree: unknown, calls: number): { gas: bigint; gasUsed: bigint }[] | undefined {
  const list: { gas: bigint; gasUsed: bigint }[] = [];
  const isQuantity = (value: unknown): value is string => typeof value === "string" && /^0x[0-9a-f]+$/i.test(value);
  function add(frame: unknown): boolean {
    const { gas, gasUsed, calls: below } = frame as { gas?: unknown; gasUsed?: unknown; calls?: unknown };
    if (!isQuantity(gas) || !isQuantity(gasUsed)) return false;
    list.push({ gas: BigInt(gas), gasUsed: BigInt(gasUsed) });
    return !Array.isArray(below) || below.every(add);
  }
  return add(tree) && list.length === calls ? list : undefined;
}

/** The node has no mined transaction of this hash. Not retryable at once. */
export class TransactionUnknown extends Error {
  override readonly name = "TransactionUnknown";
  constructor(endpoint: string, hash: Hex) {
    super(
      `"${endpoint}" has no mined transaction ${hash}.\n- A transaction is explained once it stands in a block.\n- Check the hash and the chain of the node.`,
    );
  }
}
