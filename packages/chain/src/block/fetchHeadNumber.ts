import type { Endpoint } from "../rpc/rpcEndpoint.ts";
import { toBigint } from "../wire/parseField.ts";

/** The number of a node's newest block. Throws RpcMalformed, or what the endpoint throws. */
export async function fetchHeadNumber(endpoint: Endpoint): Promise<bigint> {
  const source = { method: "eth_blockNumber", endpoint: endpoint.label };
  return toBigint(source, "result", await endpoint.request("eth_blockNumber"));
}
