import type { Reexecute, Reexecuted } from "@testudo/chain/block/Reexecution";
import type { Endpoint, RpcObserver, RpcSeen } from "@testudo/chain/rpc/rpcEndpoint";
import { isOfNode } from "../jobs/thread/isOfNode.ts";
import { type Ordered, openPatientWorker } from "../jobs/thread/patientWorker.ts";
import type { Answered, PlacedRead } from "./answerPlaced.ts";
import type { AgreedBlock, NotExecuted, ReexecutionOptions } from "./executeBlock.ts";
import type { ExecuteOrder } from "./executeWorker.ts";
import { patienceMs, tooLong } from "./patience.ts";

export interface ExecutorOptions extends ReexecutionOptions {
  /** Told about each HTTP request that the thread makes. */
  readonly onRpc?: RpcObserver | undefined;
  /** Told of each block whose call trees were asked for. */
  readonly onExecuted?: ((executed: ExecutedSeen) => void) | undefined;
}

/** `otherwise`: it came out otherwise than on the chain, or may not be executed; `node`: a node did not give what it needs. */
export interface ExecutedSeen {
  readonly result: "executed" | "otherwise" | "node" | "late" | "lost";
  readonly ms: number;
}

/** Has blocks executed again on a thread of its own, one after the other. Its members never throw: they say why. */
export interface Executor {
  /** The call trees of a block. */
  readonly traces: Reexecute;
  /** State between the transactions of a block, and between the calls in them. */
  answers(endpoint: Endpoint, block: AgreedBlock, reads: readonly PlacedRead[]): Promise<Answered | NotExecuted>;
  close(): Promise<void>;
}

// Beyond the time that a block has: what a single transaction takes before the clock is looked at again.
const graceMs = 5_000;

type Result = Reexecuted | Answered;

/** Opens it. The thread starts with the first block, and anew after one that it did not survive. */
export function openExecutor({ onRpc, onExecuted, ...options }: ExecutorOptions): Executor {
  const worker = openPatientWorker<ExecuteOrder, Result>({
    script: new URL("./executeWorker.js", import.meta.url),
    onAside: (seen) => onRpc?.(seen as RpcSeen),
  });

  async function carryOut(order: ExecuteOrder, onSeen?: ExecutorOptions["onExecuted"]): Promise<Result> {
    const { timeoutMs } = order.node;
    const start = performance.now();
    // It asks nodes itself, and looks at the clock between two transactions; beyond that it is within one that does not end soon.
    const ordered = await worker.give(order, { workMs: patienceMs(timeoutMs) + graceMs, waitMs: 0 });
    const result = resultOf(ordered, timeoutMs);
    if (result !== undefined) onSeen?.({ result, ms: performance.now() - start });
    switch (ordered.kind) {
      case "done":
        return ordered.result;
      case "failed":
        return { why: ordered.why, isOfBlock: !isOfNode(ordered.name) };
      case "late":
        return { why: tooLong(timeoutMs) };
      case "lost":
        return { why: `its execution was lost: ${ordered.why}`, isOfBlock: true };
      case "closed":
        return { why: "the watch ends." };
      default:
        return never(ordered);
    }
  }

  const orderOf = ({ url, label, timeoutMs }: Endpoint, block: AgreedBlock) => ({
    ...options,
    ...{ node: { url, label, timeoutMs }, block },
  });
  return {
    traces: async (endpoint, { ref, txHashes }, logs) =>
      (await carryOut(orderOf(endpoint, { hash: ref.hash, txHashes, logs }), onExecuted)) as Reexecuted,
    answers: async (endpoint, block, reads) => {
      const result = await carryOut({ ...orderOf(endpoint, block), reads });
      return result as Answered | NotExecuted;
    },
    close: worker.close,
  };
}

/** Undefined where the watch ended before. */
function resultOf(ordered: Ordered<Result>, timeoutMs: number): ExecutedSeen["result"] | undefined {
  if (ordered.kind === "closed") return undefined;
  if (ordered.kind === "failed") return isOfNode(ordered.name) ? "node" : "otherwise";
  if (ordered.kind !== "done") return ordered.kind;
  if ("answers" in ordered.result || "traces" in ordered.result) return "executed";
  if (ordered.result.isOfBlock) return "otherwise";
  return ordered.result.why === tooLong(timeoutMs) ? "late" : "node";
}

function never(ordered: never): never {
  throw new TypeError(`Unknown word of a thread ${JSON.stringify(ordered)}.`);
}
