import type { RpcRefused } from "@testudo/chain/RpcError";
import type { Endpoint, RpcAnswer, RpcCall } from "@testudo/chain/rpcEndpoint";
import type { BlockRef } from "@testudo/core/model/BlockBundle";
import type { Hex } from "@testudo/core/model/Hex";
import { keyOfRead, type StateAnswer, type StateRead } from "@testudo/core/model/StateRead";

/** Answers state reads about one block. */
export type StateReader = (reads: readonly StateRead[]) => Promise<(readonly [key: string, answer: StateAnswer])[]>;

/**
 * A reader of the state at `ref` and at its parent, by block hash (EIP-1898). Each question goes to the node once.
 * A call that reverts is an answer; throws what the endpoint throws, and `RpcRefused` for anything else refused.
 */
export function openStateReader(endpoint: Endpoint, ref: BlockRef): StateReader {
  const known = new Map<string, StateAnswer>();
  return async (reads) => {
    const asked = reads.filter((read) => !known.has(keyOfRead(read)));
    const answers = asked.length === 0 ? [] : await endpoint.batch(asked.map((read) => callOf(read, ref)));
    for (const [i, read] of asked.entries()) known.set(keyOfRead(read), toAnswer(read, answers[i]!));
    return reads.map((read) => [keyOfRead(read), known.get(keyOfRead(read))!]);
  };
}

function callOf(read: StateRead, ref: BlockRef): RpcCall {
  const blockHash = read.at === "block" ? ref.hash : read.at === "parent" ? ref.parentHash : read.at.hash;
  const at = { blockHash, requireCanonical: true };
  switch (read.kind) {
    case "call":
      return { method: "eth_call", params: [{ to: read.to, data: read.data }, at] };
    case "slot":
      return { method: "eth_getStorageAt", params: [read.address, read.slot, at] };
    case "balance":
      return { method: "eth_getBalance", params: [read.address, at] };
    case "code":
      return { method: "eth_getCode", params: [read.address, at] };
    default:
      return never(read);
  }
}

function toAnswer(read: StateRead, answer: RpcAnswer): StateAnswer {
  if (!answer.ok) {
    if (read.kind === "call" && isExecutionError(answer.error)) return { ok: false, error: answer.error.said };
    throw answer.error;
  }
  const value = answer.result as Hex;
  return { ok: true, value: read.kind === "balance" ? toWord(value) : value };
}

function toWord(quantity: Hex): Hex {
  return `0x${BigInt(quantity).toString(16).padStart(64, "0")}`;
}

/** Code 3 is a revert; an exceptional halt (invalid opcode, out of gas) has no code of its own on anvil. */
function isExecutionError({ code, said }: RpcRefused): boolean {
  return code === 3 || /revert|EVM error|invalid opcode|out of gas/i.test(said);
}

function never(read: never): never {
  throw new TypeError(`Unknown state read ${JSON.stringify(read)}.`);
}
