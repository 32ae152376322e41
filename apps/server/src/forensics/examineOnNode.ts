import { type FetchedTransaction, fetchTransaction } from "@testudo/chain/block/fetchTransaction";
import type { Endpoint } from "@testudo/chain/rpc/rpcEndpoint";
import { openNodeState } from "@testudo/chain/state/openNodeState";
import { openStateReader } from "@testudo/chain/state/readState";
import type { CallFrame } from "@testudo/core/model/BlockBundle";
import type { Hex } from "@testudo/core/model/Hex";
import type { Examined } from "@testudo/lab/forensics/Examined";
import { runExamined } from "@testudo/lab/forensics/runExamined";
import type { TracedFrame } from "@testudo/lab/record/TracedFrame";
import { parseStateDiff } from "@testudo/lab/tracer/parseStateDiff";

/**
 * A mined transaction with its call tree and state difference from the node, or, where it offers no tracers, run again by us on
 * the state before its block. Rejects with what the endpoint throws.
 */
export async function examineOnNode(endpoint: Endpoint, hash: Hex): Promise<Examined> {
  const fetched = await fetchTransaction(endpoint, hash);
  const reader = openStateReader([endpoint]);
  const answer: NonNullable<Examined["answer"]> = (reads) => reader.read(fetched.ref, reads);
  if (fetched.trace === undefined) return rerun(endpoint, fetched, answer);
  const { chainId, ref, tx, succeeded, gasUsed, logs, trace, gas, diff } = fetched;
  const read = diff === undefined ? undefined : parseStateDiff(diff);
  return {
    chainId,
    tx,
    block: ref,
    succeeded,
    gasUsed,
    logs,
    trace: gas === undefined ? trace : withGas(trace, gas),
    ...(read === undefined ? {} : { diff: read }),
    answer,
    limits: laterState(fetched),
  };
}

async function rerun(
  endpoint: Endpoint,
  { ref, block, evm, tx, gasUsed, refused }: FetchedTransaction,
  answer: NonNullable<Examined["answer"]>,
): Promise<Examined> {
  const source = openNodeState(endpoint, ref.parentHash);
  const run = await runExamined({ source, block, transactions: [{ tx: evm, hash: tx.hash }] });
  const limits = [
    `The node gave no call tree (${refused[0] ?? "it answered in another form"}): the transaction was run again here.`,
    ...(tx.index === 0
      ? []
      : [`${tx.index} transactions stood before it in its block and were not run: figures may differ.`]),
    ...(run.gasUsed === gasUsed
      ? []
      : [`It used ${run.gasUsed} gas here and ${gasUsed} on the chain: it ran otherwise.`]),
  ];
  return { ...run, tx, answer, limits };
}

/** State is read at whole blocks: what others did in the same one is in it. */
function laterState({ tx }: FetchedTransaction): string[] {
  if (tx.index === 0) return [];
  return [`Holdings and prices before are those before its block, in which ${tx.index} transactions stood before it.`];
}

/** The tree with the gas of its calls, which are in pre-order. */
function withGas(trace: CallFrame, gas: NonNullable<FetchedTransaction["gas"]>): TracedFrame {
  let next = 0;
  function add(frame: CallFrame): TracedFrame {
    const own = gas[next]!;
    next += 1;
    const logs = frame.logs.map((log, index) => ({ position: 0, ...log, index }));
    return { ...frame, ...own, logs, calls: frame.calls.map(add) };
  }
  return add(trace);
}
