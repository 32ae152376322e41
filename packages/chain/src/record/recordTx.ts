import type { CallFrame } from "@testudo/core/model/BlockBundle";
import type { Hex } from "@testudo/core/model/Hex";
import type { TxRecord } from "@testudo/core/model/TxRecord";
import { fetchHeader } from "../block/fetchHeader.ts";
import { RpcRefused } from "../rpc/RpcError.ts";
import type { Endpoint } from "../rpc/rpcEndpoint.ts";
import { type Fields, type Source, toBigint, toBytes, toFields, toHash, toNumber } from "../wire/parseField.ts";
import { parseReceiptLogs } from "../wire/parseLogs.ts";
import { parseFrame } from "../wire/parseTrace.ts";
import { parseTxFields, toEvmTransaction } from "../wire/parseTxFields.ts";
import { readMetState } from "./readMetState.ts";

const tracerTimeoutMs = 120_000;

/**
 * All that `endpoint` tells of the transaction `hash`: what it met, what came of it and in which block. Throws `TxUnknown`
 * where it is in no block of the node.
 */
export async function recordTx(endpoint: Endpoint, hash: Hex): Promise<TxRecord> {
  const [tx, receipt] = await Promise.all([
    fetchFields(endpoint, "eth_getTransactionByHash", hash),
    fetchFields(endpoint, "eth_getTransactionReceipt", hash),
  ]);
  if (tx === null || receipt === null || receipt.fields.blockHash == null) throw new TxUnknown(endpoint.label, hash);
  const blockHash = toHash(receipt.source, "blockHash", receipt.fields.blockHash);
  const type = tx.fields.type == null ? 0 : toNumber(tx.source, "type", tx.fields.type);
  const sent = parseTxFields(tx.fields, tx.source);
  const { raw, trace } = await fetchExtras(endpoint, hash);
  const record = {
    tx: { ...toEvmTransaction(sent), hash: sent.hash, type },
    ...(raw === undefined ? {} : { raw }),
    ...parseReceipt(receipt.fields, receipt.source),
    header: await fetchHeader(endpoint, blockHash),
    ...(trace === undefined ? {} : { trace }),
  };
  return { ...record, ...(await readMetState(endpoint, record)) };
}

interface Answer {
  readonly fields: Fields;
  readonly source: Source;
}

async function fetchFields(endpoint: Endpoint, method: string, ...params: unknown[]): Promise<Answer | null> {
  const source = { method, endpoint: endpoint.label };
  const answer = await endpoint.request(method, params);
  return answer === null ? null : { fields: toFields(source, "result", answer), source };
}

function parseReceipt(receipt: Fields, source: Source): Pick<TxRecord, "index" | "succeeded" | "gasUsed" | "logs"> {
  return {
    index: toNumber(source, "transactionIndex", receipt.transactionIndex),
    succeeded: toNumber(source, "status", receipt.status) === 1,
    gasUsed: toBigint(source, "gasUsed", receipt.gasUsed),
    logs: parseReceiptLogs(receipt.logs, source),
  };
}

// What a node may as well not have.
async function fetchExtras(endpoint: Endpoint, hash: Hex): Promise<{ raw?: Hex; trace?: CallFrame }> {
  const tracer = { tracer: "callTracer", tracerConfig: { withLog: true }, timeout: `${tracerTimeoutMs / 1000}s` };
  const raw = await unlessRefused(endpoint, "eth_getRawTransactionByHash", [hash]);
  const trace = await unlessRefused(endpoint, "debug_traceTransaction", [hash, tracer]);
  const source = (method: string) => ({ method, endpoint: endpoint.label });
  return {
    ...(raw == null ? {} : { raw: toBytes(source("eth_getRawTransactionByHash"), "result", raw) }),
    ...(trace == null ? {} : { trace: parseFrame(trace, source("debug_traceTransaction")) }),
  };
}

async function unlessRefused(endpoint: Endpoint, method: string, params: readonly unknown[]): Promise<unknown> {
  try {
    return await endpoint.request(method, params, { timeoutMs: tracerTimeoutMs });
  } catch (error) {
    if (error instanceof RpcRefused) return undefined;
    throw error;
  }
}

/** The node has no such transaction, or has it in no block. Retryable once it has. */
export class TxUnknown extends Error {
  override readonly name = "TxUnknown";
  constructor(endpoint: string, hash: Hex) {
    super(
      [
        `Node ${endpoint} has ${hash} in no block.`,
        "- What is recorded has to stand in a block that the node still has.",
        "- Check hash and chain, or ask a node with an archive.",
      ].join("\n"),
    );
  }
}
