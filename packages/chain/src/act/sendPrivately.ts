// What relays take: a signed transaction that they hand to builders and keep from the public pool. The methods are those of
// Flashbots (docs.flashbots.net, "eth_sendPrivateTransaction") and of those who copy it, and the plain one of Protect's kind.
import type { Hex } from "@testudo/core/model/Hex";
import type { Endpoint } from "../rpc/rpcEndpoint.ts";
import { type BroadcastResult, submit } from "./sendAction.ts";

/** The methods by which relays take signed bytes. */
export const relayMethods = ["eth_sendRawTransaction", "eth_sendPrivateTransaction"] as const;
export type RelayMethod = (typeof relayMethods)[number];

/** The most blocks ahead that relays keep a transaction for: more is cut to it without a word. */
export const relayKeepsBlocks = 25n;

/**
 * Gives signed bytes to a relay, which may try to have them in a block up to `lastBlock`; whoever takes the plain method keeps
 * them for a time of its own. Throws `RpcRefused` for what the relay refuses, `RpcUnreachable` or `RpcMalformed` where nobody
 * knows.
 */
export function sendPrivately(
  endpoint: Endpoint,
  method: RelayMethod,
  raw: Hex,
  lastBlock: bigint,
): Promise<BroadcastResult> {
  const privately = { tx: raw, maxBlockNumber: `0x${lastBlock.toString(16)}` };
  return submit(endpoint, method, [method === "eth_sendRawTransaction" ? raw : privately]);
}
