import type { NodeWorker } from "node:inspector";
import type { Worker } from "node:worker_threads";

/** How long it is waited for, in milliseconds: a heap of a gigabyte takes a busy machine a few seconds. */
const waitMs = 10_000;

const methods = ["HeapProfiler.startSampling", "HeapProfiler.stopSampling", "Runtime.getHeapUsage"];

/**
 * Has `worker` collect its garbage, amid whatever it does, and says how many bytes of its heap are in use then; undefined where
 * that cannot be had. It is read before the thread goes on, which may fill as much again before it is asked the next time.
 *
 * Nothing of `worker_threads` does it. The debugger's protocol does, and reaches a thread that never comes back to its event
 * loop; of what it offers, `collectGarbage` waits for the event loop, and the end of a sampling of the heap does not.
 */
export async function collectGarbage(worker: Worker): Promise<number | undefined> {
  // A Node may be built without it.
  const inspector = await import("node:inspector").catch(() => undefined);
  if (inspector === undefined) return undefined;
  const session = new inspector.Session();
  let clear = () => {};
  try {
    return await new Promise<number | undefined>((resolve) => {
      const giveUp = () => resolve(undefined);
      const timer = setTimeout(giveUp, waitMs).unref();
      worker.once("exit", giveUp);
      clear = () => {
        clearTimeout(timer);
        worker.off("exit", giveUp);
      };
      session.connect();
      session.on("NodeWorker.attachedToWorker", ({ params }) => {
        // `workerId` counts on its own; the thread's number stands in the title alone.
        if (!params.workerInfo.title.startsWith(`[worker ${worker.threadId}]`)) return;
        for (const [id, method] of methods.entries())
          session.post("NodeWorker.sendMessageToWorker", messageOf(params, { id, method }));
      });
      session.on("NodeWorker.receivedMessageFromWorker", ({ params }) => {
        const { id, result } = JSON.parse(params.message) as { id?: number; result?: { usedSize?: number } };
        if (id === methods.length - 1) resolve(result?.usedSize);
      });
      session.post("NodeWorker.enable", { waitForDebuggerOnStart: false }, (error) => error && giveUp());
    });
  } catch {
    // The protocol was turned off, or the caller is a thread itself.
    return undefined;
  } finally {
    clear();
    session.disconnect();
  }
}

function messageOf(
  { sessionId }: NodeWorker.AttachedToWorkerEventDataType,
  { id, method }: { readonly id: number; readonly method: string },
): NodeWorker.SendMessageToWorkerParameterType {
  return { sessionId, message: JSON.stringify({ id, method, params: { samplingInterval: 2 ** 30 } }) };
}
