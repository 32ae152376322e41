import type { Endpoint, RpcAnswer, RpcCall } from "./rpcEndpoint.ts";

interface Waiting {
  readonly calls: readonly RpcCall[];
  readonly resolve: (answers: RpcAnswer[]) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * `endpoint` as many who ask at the same time should see it: what is asked in one turn of the event loop goes as one batch,
 * and so does what is asked while a batch is under way. Each is answered as if it had asked alone, but fails with the
 * others of its batch.
 */
export function joinBatches(endpoint: Endpoint): Endpoint {
  let waiting: Waiting[] = [];
  let isUnderWay = false;

  async function send(): Promise<void> {
    // Everybody who goes on in this turn asks before the batch is sent.
    await new Promise(setImmediate);
    const batch = waiting;
    waiting = [];
    try {
      const answers = await endpoint.batch(batch.flatMap(({ calls }) => calls));
      let at = 0;
      for (const { calls, resolve } of batch) {
        resolve(answers.slice(at, at + calls.length));
        at += calls.length;
      }
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }

  async function sendAll(): Promise<void> {
    if (isUnderWay) return;
    isUnderWay = true;
    while (waiting.length > 0) await send();
    isUnderWay = false;
  }

  function batch(calls: readonly RpcCall[]): Promise<RpcAnswer[]> {
    return new Promise((resolve, reject) => {
      waiting.push({ calls, resolve, reject });
      void sendAll();
    });
  }

  return { ...endpoint, batch };
}
