// Executes blocks on a thread of its own: what strangers sent may keep an engine busy for longer than anything else may wait. It
// keeps the newest two, for what is asked between their transactions.
import { parentPort } from "node:worker_threads";
import type { Reexecuted } from "@testudo/chain/Reexecution";
import { type Endpoint, openEndpoint, type RpcSeen } from "@testudo/chain/rpcEndpoint";
import type { EvmRead } from "@testudo/core/model/Evm";
import type { Hex } from "@testudo/core/model/Hex";
import type { StateAnswer } from "@testudo/core/model/StateRead";
import {
  type AgreedBlock,
  type ExecutedBlock,
  executeBlock,
  type NotExecuted,
  type ReexecutionOptions,
} from "./executeBlock.ts";

/** A question about the state before the transaction `index`; behind the last one, about that after all. */
export interface PlacedRead {
  readonly index: number;
  readonly read: EvmRead;
}

/** What it is sent. Without `reads` the call trees are asked for. */
export interface ExecuteOrder extends ReexecutionOptions {
  readonly id: number;
  readonly node: Pick<Endpoint, "url" | "label" | "timeoutMs">;
  readonly block: AgreedBlock;
  readonly reads?: readonly PlacedRead[];
}

/** What it says. */
export type ExecuteWord =
  | { readonly kind: "seen"; readonly seen: RpcSeen }
  | { readonly kind: "done"; readonly id: number; readonly result: Reexecuted | { readonly answers: StateAnswer[] } }
  | { readonly kind: "failed"; readonly id: number; readonly why: string; readonly isOfNode: boolean };

const mostKept = 2;
const kept = new Map<Hex, ExecutedBlock>();
const endpoints = new Map<string, Endpoint>();
// An engine does one thing after the other, and so does this thread.
let last: Promise<void> = Promise.resolve();

const say = (word: ExecuteWord): void => parentPort!.postMessage(word);

parentPort!.on("message", (order: ExecuteOrder) => {
  last = last.then(async () => {
    try {
      say({ kind: "done", id: order.id, result: await carryOut(order) });
    } catch (error) {
      const why = (error instanceof Error ? error.message : String(error)).split("\n")[0]!;
      const isOfNode = error instanceof Error && /^(Rpc|BlockUnknown)/.test(error.name);
      say({ kind: "failed", id: order.id, why, isOfNode });
    }
  });
});

async function carryOut(order: ExecuteOrder): Promise<Reexecuted | { readonly answers: StateAnswer[] }> {
  const made = await executed(order);
  if ("why" in made) return made;
  if (order.reads === undefined) return { traces: made.traces };
  const answers: StateAnswer[] = [];
  for (const { index, read } of order.reads) answers.push(await made.evm.read(read, made.marks[index]));
  return { answers };
}

async function executed({ block, node, chainId, hardfork }: ExecuteOrder): Promise<ExecutedBlock | NotExecuted> {
  const { hash } = block;
  const found = kept.get(hash);
  if (found !== undefined) return found;
  const made = await executeBlock(endpointTo(node), block, { chainId, hardfork });
  if ("why" in made) return made;
  kept.set(hash, made);
  if (kept.size > mostKept) kept.delete(kept.keys().next().value!);
  return made;
}

function endpointTo({ url, label, timeoutMs }: ExecuteOrder["node"]): Endpoint {
  const observe = (seen: RpcSeen) => say({ kind: "seen", seen });
  const known = endpoints.get(url) ?? openEndpoint(url, { label, timeoutMs, observe });
  endpoints.set(url, known);
  return known;
}
