// Executes blocks on a thread of its own: what strangers sent may keep an engine busy for longer than anything else may wait. It
// keeps the newest two, for what is asked between their transactions.
import type { Reexecuted } from "@testudo/chain/Reexecution";
import { type Endpoint, openEndpoint, type RpcSeen } from "@testudo/chain/rpcEndpoint";
import type { EvmRead } from "@testudo/core/model/Evm";
import type { Hex } from "@testudo/core/model/Hex";
import type { StateAnswer } from "@testudo/core/model/StateRead";
import { sayAside, serveOrders } from "../jobs/serveOrders.ts";
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
  readonly node: Pick<Endpoint, "url" | "label" | "timeoutMs">;
  readonly block: AgreedBlock;
  readonly reads?: readonly PlacedRead[];
}

const mostKept = 2;
const kept = new Map<Hex, ExecutedBlock>();
const endpoints = new Map<string, Endpoint>();

serveOrders(carryOut);

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
  const observe = (seen: RpcSeen) => sayAside(seen);
  const known = endpoints.get(url) ?? openEndpoint(url, { label, timeoutMs, observe });
  endpoints.set(url, known);
  return known;
}
