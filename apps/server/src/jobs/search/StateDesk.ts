// State behind a node for a worker that cannot wait for promises: it asks its main thread, and sleeps until the answer is there.
import { MessageChannel, type MessagePort } from "node:worker_threads";
import type { AccountState, StateSource } from "@testudo/core/model/Evm";
import type { Address, Hex } from "@testudo/core/model/Hex";

/** What a worker is given to ask by. */
export interface StateDesk {
  readonly port: MessagePort;
  /** 1 once an answer is there. */
  readonly bell: SharedArrayBuffer;
}

export type StateQuestion =
  | { readonly kind: "account"; readonly address: Address }
  | { readonly kind: "slot"; readonly address: Address; readonly key: Hex }
  | { readonly kind: "blockHash"; readonly number: bigint };

export type StateReply =
  | { readonly kind: "answer"; readonly value: AccountState | Hex | undefined }
  | { readonly kind: "failed"; readonly message: string };

/** Answers one worker's questions out of `source` until it is closed. */
export function openStateDesk(source: StateSource): { readonly desk: StateDesk; close(): void } {
  const { port1, port2 } = new MessageChannel();
  const bell = new SharedArrayBuffer(4);
  port1.on("message", async (question: StateQuestion) => {
    port1.postMessage(await replyTo(source, question));
    const rung = new Int32Array(bell);
    Atomics.store(rung, 0, 1);
    Atomics.notify(rung, 0);
  });
  return { desk: { port: port2, bell }, close: () => port1.close() };
}

async function replyTo(source: StateSource, question: StateQuestion): Promise<StateReply> {
  try {
    return { kind: "answer", value: await askFor(source, question) };
  } catch (error) {
    return { kind: "failed", message: error instanceof Error ? error.message : String(error) };
  }
}

function askFor(source: StateSource, question: StateQuestion): Promise<AccountState | Hex | undefined> {
  if (question.kind === "account") return source.account(question.address);
  if (question.kind === "slot") return source.slot(question.address, question.key);
  return source.blockHash(question.number);
}
