// A private relay on this machine: it speaks the JSON-RPC of those of the field, keeps what it is given from everybody, and is
// its own builder.

import type { Endpoint } from "@testudo/chain/rpc/rpcEndpoint";
import { serveBodies, type WireCall } from "@testudo/chain/testkit/faultyNode.testkit";
import type { Hex } from "@testudo/core/model/Hex";
import { keccak256, parseTransaction } from "viem/utils";

export const relayKey = "k3y-of-the-relay-4711";
export const relayHeader = "Bearer s3cret-of-the-relay";

/** How the relay behaves: `drops` takes bytes and forgets them, `refuses` answers with an error that repeats all it was sent. */
export type RelayMood = "keeps" | "drops" | "refuses";

export interface TestRelay {
  readonly url: string;
  mood: RelayMood;
  /** Drops connections while true. */
  isAway: boolean;
  /** Every offer in order, also of bytes that it had. */
  readonly offers: readonly Offer[];
  /** Puts what it keeps, the dearest of each nonce, into a block before what waits in the pool. */
  build(): Promise<void>;
  close(): Promise<void>;
}

export interface Offer {
  readonly method: string;
  readonly raw: Hex;
  readonly maxBlockNumber?: string;
  /** The path and the authorization header of its request. */
  readonly path: string;
  readonly authorization: string | undefined;
}

/** Serves a relay whose builder makes blocks at `endpoint`. */
export async function serveRelay(endpoint: Endpoint): Promise<TestRelay> {
  const offers: Offer[] = [];
  const kept = new Map<Hex, Hex>();
  const take = (call: WireCall, request: { readonly path: string; readonly authorization: string | undefined }) => {
    const [param] = call.params as [Hex | { readonly tx: Hex; readonly maxBlockNumber?: string }];
    const { tx: raw, ...rest } = typeof param === "string" ? { tx: param } : param;
    offers.push({ method: call.method, raw, ...rest, ...request });
    if (relay.mood === "keeps") kept.set(keccak256(raw), raw);
    return keccak256(raw);
  };
  const answer = (call: WireCall, request: { readonly path: string; readonly authorization: string | undefined }) => {
    const base = { jsonrpc: "2.0", id: call.id };
    if (call.method === "eth_chainId") return { ...base, result: "0x7a69" };
    if (!["eth_sendRawTransaction", "eth_sendPrivateTransaction"].includes(call.method))
      return { ...base, error: { code: -32_601, message: `the method ${call.method} does not exist` } };
    const result = take(call, request);
    if (relay.mood !== "refuses") return { ...base, result };
    const message = `not for ${request.path} with ${request.authorization}: ${JSON.stringify(call.params)}`;
    return { ...base, error: { code: -32_000, message } };
  };
  const server = await serveBodies((body, response) => {
    const { url: path = "", headers } = response.req;
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(answer(JSON.parse(body) as WireCall, { path, authorization: headers.authorization })));
  });
  const relay: TestRelay = Object.assign(server, {
    url: `${server.url}/rpc/${relayKey}`,
    mood: "keeps" as RelayMood,
    offers,
    async build() {
      const best = new Map<number, Hex>();
      for (const raw of kept.values()) best.set(parseTransaction(raw).nonce ?? 0, raw);
      for (const raw of best.values()) await endpoint.request("eth_sendRawTransaction", [raw]);
      await endpoint.request("evm_mine");
      kept.clear();
    },
  });
  return relay;
}
