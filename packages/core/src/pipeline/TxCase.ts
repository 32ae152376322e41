import type { BlockBundle, CallFrame, FrameLog, Log, Scope, Transaction } from "../model/BlockBundle.ts";
import { logsOf } from "../model/CallTree.ts";
import type { Hex } from "../model/Hex.ts";

/** One transaction to be judged by itself. What is not known of it is left out. */
export interface TxCase {
  readonly trace: CallFrame;
  /** Receipt logs. Without them those of the trace are taken; a trace without any means that logs are not known. */
  readonly logs?: readonly FrameLog[];
  readonly hash?: Hex;
  readonly nonce?: number;
  readonly chainId?: number;
  readonly block?: { readonly number?: bigint; readonly timestamp?: bigint };
}

const noHash: Hex = `0x${"0".repeat(64)}`;

/** A block of this one transaction. Its hashes are zero: nothing is read by them unless the caller answers. */
export function bundleOfTx(one: TxCase): BlockBundle {
  const { trace } = one;
  const isCreation = trace.type === "CREATE" || trace.type === "CREATE2";
  const tx: Transaction = {
    hash: one.hash ?? noHash,
    index: 0,
    from: trace.from,
    to: isCreation ? null : trace.to,
    value: trace.value,
    input: trace.input,
    nonce: one.nonce ?? 0,
  };
  const known = one.logs ?? logsOf(trace);
  const hasLogs = one.logs !== undefined || known.length > 0;
  const logs = known.map(({ address, topics, data }, index): Log => ({ address, topics, data, index, txIndex: 0 }));
  const has: Scope[] = hasLogs ? ["X", "T", "L"] : ["X", "T"];
  const ref = {
    number: one.block?.number ?? 0n,
    hash: noHash,
    parentHash: noHash,
    timestamp: one.block?.timestamp ?? 0n,
  };
  return { ref, txs: [tx], logs, traces: [trace], has, sources: [], traceSource: "given" };
}
