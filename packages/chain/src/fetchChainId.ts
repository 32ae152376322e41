import { toNumber } from "./parseField.ts";
import type { Endpoint } from "./rpcEndpoint.ts";

/** The chain that a node is of. Throws RpcMalformed, or what the endpoint throws. */
export async function fetchChainId(endpoint: Endpoint): Promise<number> {
  const source = { method: "eth_chainId", endpoint: endpoint.label };
  return toNumber(source, "result", await endpoint.request("eth_chainId"));
}
