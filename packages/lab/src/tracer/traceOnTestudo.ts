import type { EvmBlock, EvmTransaction, StateSource } from "@testudo/core/model/Evm";
import type { Fork } from "@testudo/evm/fork";
import { openEngine } from "@testudo/evm/openEngine";
import type { TracedCall } from "@testudo/evm/readTrace";
import type { TracedFrame } from "../TracedFrame.ts";
import { toEngineSource } from "../toEngineSource.ts";
import { toEngineTransaction } from "../toEngineTransaction.ts";
import { toOwnBlock } from "../toOwnBlock.ts";

/** The call tree of `tx` as our own engine runs it. Rejects where it is not valid in the block. */
export async function traceOnTestudo(
  source: StateSource,
  block: EvmBlock,
  tx: EvmTransaction,
  fork: Fork,
): Promise<TracedFrame> {
  const engine = await openEngine({
    fork,
    chainId: BigInt(block.chainId),
    block: toOwnBlock(block),
    source: toEngineSource(source),
    hooks: { trace: true },
  });
  const nonce = tx.nonce ?? (await engine.accountAsync(tx.from)).nonce;
  const sent = await engine.sendAsync(toEngineTransaction(tx, nonce, block.baseFeePerGas));
  if (sent.kind === "invalid") throw new TypeError(`It is not valid: ${sent.why}.`);
  const root = numbered(engine.trace()!, { logs: 0 });
  return { ...root, gas: tx.gas, gasUsed: sent.gasUsed };
}

// Logs are numbered in the order in which they were written; those of frames that failed are not in the tree.
function numbered(call: TracedCall, count: { logs: number }): TracedFrame {
  const calls: TracedFrame[] = [];
  const logs: TracedFrame["logs"][number][] = [];
  for (let at = 0; at <= call.calls.length; at += 1) {
    for (const log of call.logs) if (log.position === at) logs.push({ ...log, index: count.logs++ });
    const next = call.calls[at];
    if (next !== undefined) calls.push(numbered(next, count));
  }
  return { ...call, calls, logs };
}
