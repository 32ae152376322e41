// Executes blocks on a thread of its own: what strangers sent may keep an engine busy for longer than anything else may wait. It
// keeps the newest two, for what is asked between their transactions.
import type { Reexecuted } from "@testudo/chain/block/Reexecution";
import { type Endpoint, openEndpoint, type RpcSeen } from "@testudo/chain/rpc/rpcEndpoint";
import type { Hex } from "@testudo/core/model/Hex";
import { sayAside, serveOrders } from "../jobs/thread/serveOrders.ts";
import { type Answered, answerPlaced, type PlacedRead, type Spent } from "./answerPlaced.ts";
import { type AgreedBlock, type ExecutedBlock, executeBlock, type ReexecutionOptions } from "./executeBlock.ts";
import { patienceMs } from "./patience.ts";

/** What it is sent. Without `reads` the call trees are asked for. */
export interface ExecuteOrder extends ReexecutionOptions {
  readonly node: Pick<Endpoint, "url" | "label" | "timeoutMs">;
  readonly block: AgreedBlock;
  readonly reads?: readonly PlacedRead[];
}

const mostKept = 2;
/** Nobody needs as many who looks at what is suspicious; whoever fills a transaction with calls would have them looked at one by one. */
const mostRuns = 256;
const kept = new Map<Hex, ExecutedBlock & { readonly spent: Spent }>();
/** A block of the largest chains has a few MiB. What parsing holds up cannot be ended. */
const maxBytes = 32 * 2 ** 20;
const endpoints = new Map<string, Endpoint>();

serveOrders(carryOut);

async function carryOut(order: ExecuteOrder): Promise<Reexecuted | Answered> {
  const mostMs = patienceMs(order.node.timeoutMs);
  const patience = { untilMs: Date.now() + mostMs, mostMs, mostRuns };
  const made = await executed(order);
  if ("why" in made) return made;
  if (order.reads === undefined) return { traces: made.traces };
  return answerPlaced(made, order.reads, made.spent, patience);
}

async function executed({ block, node, chainId, hardfork }: ExecuteOrder) {
  const { hash } = block;
  const found = kept.get(hash);
  if (found !== undefined) return found;
  const made = await executeBlock(endpointTo(node), block, { chainId, hardfork });
  if ("why" in made) return made;
  const keeping = { ...made, spent: { runs: 0, ms: 0 } };
  kept.set(hash, keeping);
  if (kept.size > mostKept) kept.delete(kept.keys().next().value!);
  return keeping;
}

function endpointTo({ url, label, timeoutMs }: ExecuteOrder["node"]): Endpoint {
  const observe = (seen: RpcSeen) => sayAside(seen);
  const known = endpoints.get(url) ?? openEndpoint(url, { label, timeoutMs, observe, maxBytes });
  endpoints.set(url, known);
  return known;
}
