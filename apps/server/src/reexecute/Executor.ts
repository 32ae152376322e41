import { Worker } from "node:worker_threads";
import type { Reexecute, Reexecuted } from "@testudo/chain/Reexecution";
import type { Endpoint, RpcObserver } from "@testudo/chain/rpcEndpoint";
import type { Answered, PlacedRead } from "./answerPlaced.ts";
import type { AgreedBlock, NotExecuted, ReexecutionOptions } from "./executeBlock.ts";
import type { ExecuteOrder, ExecuteWord } from "./executeWorker.ts";
import { patienceMs, tooLong } from "./patience.ts";

export interface ExecutorOptions extends ReexecutionOptions {
  /** Told about each HTTP request that the thread makes. */
  readonly onRpc?: RpcObserver | undefined;
}

/** Has blocks executed again on a thread of its own, one after the other. Its members never throw: they say why. */
export interface Executor {
  /** The call trees of a block. */
  readonly traces: Reexecute;
  /** State between the transactions of a block, and between the calls in them. */
  answers(endpoint: Endpoint, block: AgreedBlock, reads: readonly PlacedRead[]): Promise<Answered | NotExecuted>;
  close(): Promise<void>;
}

// Beyond the time that a block has: the thread's start, and what a single transaction takes before it is looked at the clock again.
const graceMs = 5_000;
const heapMb = 1_024;

type Result = Extract<ExecuteWord, { readonly kind: "done" }>["result"];

/** Opens it. The thread starts with the first block, and anew after one that it did not survive. */
export function openExecutor({ onRpc, ...options }: ExecutorOptions): Executor {
  const waiting = new Map<number, (result: Result) => void>();
  let worker: Worker | undefined;
  let isClosed = false;
  let nextId = 0;
  let last: Promise<unknown> = Promise.resolve();

  function start(): Worker {
    const thread = new Worker(new URL("./executeWorker.js", import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: heapMb },
    });
    const lose = (why: string) => {
      if (worker !== thread) return;
      worker = undefined;
      for (const resolve of [...waiting.values()]) resolve({ why, isOfBlock: true });
    };
    thread.unref();
    thread.on("message", (word: ExecuteWord) => {
      if (word.kind === "seen") onRpc?.(word.seen);
      else waiting.get(word.id)?.(word.kind === "done" ? word.result : { why: word.why, isOfBlock: !word.isOfNode });
    });
    thread.on("error", (error) => lose(`its execution was lost: ${error.message}`));
    thread.on("exit", (code) => lose(`its execution was lost: the thread ended with ${code}`));
    return thread;
  }

  async function carryOut(order: Omit<ExecuteOrder, "id">): Promise<Result> {
    if (isClosed) return { why: "the watch ends." };
    worker ??= start();
    const thread = worker;
    const id = nextId++;
    let timer: NodeJS.Timeout | undefined;
    const result = await new Promise<Result>((resolve) => {
      waiting.set(id, resolve);
      timer = setTimeout(() => {
        // It is within a transaction that does not end soon.
        if (worker === thread) worker = undefined;
        void thread.terminate();
        resolve({ why: tooLong(order.node.timeoutMs) });
      }, patienceMs(order.node.timeoutMs) + graceMs);
      thread.postMessage({ id, ...order } satisfies ExecuteOrder);
    });
    clearTimeout(timer);
    waiting.delete(id);
    return result;
  }

  // The next one's time begins when the one before is over.
  function inTurn(order: Omit<ExecuteOrder, "id">): Promise<Result> {
    const result = last.then(() => carryOut(order));
    last = result;
    return result;
  }

  const orderOf = ({ url, label, timeoutMs }: Endpoint, block: AgreedBlock) => ({
    ...options,
    ...{ node: { url, label, timeoutMs }, block },
  });
  return {
    traces: async (endpoint, { ref, txHashes }, logs) =>
      (await inTurn(orderOf(endpoint, { hash: ref.hash, txHashes, logs }))) as Reexecuted,
    answers: async (endpoint, block, reads) => {
      const result = await inTurn({ ...orderOf(endpoint, block), reads });
      return result as Answered | NotExecuted;
    },
    async close() {
      isClosed = true;
      const thread = worker;
      worker = undefined;
      for (const resolve of [...waiting.values()]) resolve({ why: "the watch ends." });
      await thread?.terminate();
    },
  };
}
