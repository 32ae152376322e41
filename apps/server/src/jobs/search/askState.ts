import { receiveMessageOnPort } from "node:worker_threads";
import type { AccountState } from "@testudo/core/model/Evm";
import type { Hex } from "@testudo/core/model/Hex";
import type { ReadyState } from "@testudo/lab/engine/toEngineSource";
import type { StateDesk, StateQuestion, StateReply } from "./StateDesk.ts";

/** The state behind `desk`; each question holds this thread until it is answered. Its members throw StateUnreachable. */
export function askState({ port, bell }: StateDesk): ReadyState {
  const rung = new Int32Array(bell);
  function ask(question: StateQuestion): AccountState | Hex | undefined {
    Atomics.store(rung, 0, 0);
    port.postMessage(question);
    // A notification of the answer before may come late, and wakes who waits for the next.
    while (Atomics.load(rung, 0) === 0) Atomics.wait(rung, 0, 0);
    const reply = receiveMessageOnPort(port)?.message as StateReply | undefined;
    if (reply?.kind !== "answer") throw new StateUnreachable(reply?.message ?? "Nobody answers.");
    return reply.value;
  }
  return {
    account: (address) => ask({ kind: "account", address }) as AccountState | undefined,
    slot: (address, key) => ask({ kind: "slot", address, key }) as Hex,
    blockHash: (number) => ask({ kind: "blockHash", number }) as Hex,
  };
}

/** The node does not give the state that a search needs. Retryable, from what `--state` kept. */
export class StateUnreachable extends Error {
  override readonly name = "StateUnreachable";
}
