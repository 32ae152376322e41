// A pause that the relay does not take is late by some blocks, or never sent: better found out now.
import { fetchChainId } from "@testudo/chain/block/fetchChainId";
import { RpcMalformed, RpcRefused, RpcUnreachable } from "@testudo/chain/rpc/RpcError";
import { openEndpoint } from "@testudo/chain/rpc/rpcEndpoint";
import type { Settings } from "../../config/Config.ts";
import { relayTimeoutMs } from "../../jobs/send/Relay.ts";
import { relayAccessOf } from "../flags/relayAccess.ts";
import { type Check, fail, failOf, ok, warn } from "./Check.ts";

const name = "relay";
/** JSON-RPC: the method does not exist. */
const unknownMethod = -32_601;

/** Whether the policy's relay answers, and for `chainId` where that is known. It is asked for its chain; nothing is sent. */
export async function checkRelay(
  { policy, relay }: Pick<Settings, "policy" | "relay">,
  chainId: number | undefined,
): Promise<readonly Check[]> {
  const terms = policy?.relay;
  if (terms === undefined || relay === undefined) return [];
  const after = terms.publicAfterBlocks === "never" ? "never public" : `public after ${terms.publicAfterBlocks} blocks`;
  try {
    const { url, header } = relayAccessOf(relay);
    const headers = header ? { headers: { [header.name.toLowerCase()]: header.value } } : {};
    const endpoint = openEndpoint(url, { label: terms.name, timeoutMs: relayTimeoutMs, ...headers });
    try {
      const chain = await fetchChainId(endpoint);
      if (chainId === undefined || chain === chainId) return [ok(name, `${terms.name}, chain ${chain}, ${after}`)];
      return [fail(name, `${terms.name} is for chain ${chain}, not ${chainId}.`, "Correct `policy.relay.url`.")];
    } finally {
      endpoint.close();
    }
  } catch (error) {
    if (error instanceof RpcRefused && error.code === unknownMethod)
      return [ok(name, `${terms.name} answers, and does not tell its chain; ${after}`)];
    if (error instanceof RpcRefused)
      return [warn(name, `${terms.name} answers and refuses to tell its chain (code ${error.code}).`, wayOut)];
    // What it answered in its place may repeat a key.
    if (error instanceof RpcMalformed) return [warn(name, `${terms.name} answers what is no JSON-RPC.`, wayOut)];
    if (!(error instanceof RpcUnreachable)) return [failOf(name, error)];
    // Where the public nodes come after it, an action is late and not lost.
    const level = terms.publicAfterBlocks === "never" ? fail : warn;
    return [level(name, `${terms.name} cannot be reached: ${error.reason}; ${after}.`, wayOut)];
  }
}

const wayOut = "Check `policy.relay`: its url, its header, and whether the relay is up.";
