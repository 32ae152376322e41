import type { Endpoint } from "../rpc/rpcEndpoint.ts";
import { toNumber } from "../wire/parseField.ts";

/** The chain that a node is of. Throws RpcMalformed, or what the endpoint throws. */
export async function fetchChainId(endpoint: Endpoint): Promise<number> {
  const source = { method: "eth_chainId", endpoint: endpoint.label };
  return toNumber(source, "result", await endpoint.request("eth_chainId"));
}
