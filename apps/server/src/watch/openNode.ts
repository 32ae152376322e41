import { type Endpoint, type EndpointOptions, openEndpoint, type RpcObserver } from "@testudo/chain/rpc/rpcEndpoint";
import { z } from "zod";

const infoSchema = z.object({ forkConfig: z.object({ forkUrl: z.string() }) });

/**
 * The node at `url`, asked within `bounds`, and in the way that it can stand. An anvil that forks another node is asked one thing at a time:
 * a trace and a call under way together may stop it for good (anvil 1.7.1 on two cores: two of three times).
 * Throws `UrlRefused`; a node that does not answer is opened like any other.
 */
export async function openNode(
  url: string,
  observe?: RpcObserver,
  bounds: Pick<EndpointOptions, "maxInFlight" | "maxBytes"> = {},
): Promise<Endpoint> {
  const options = { ...bounds, ...(observe === undefined ? {} : { observe }) };
  const endpoint = openEndpoint(url, options);
  if (!(await isForkingAnvil(endpoint))) return endpoint;
  endpoint.close();
  return openEndpoint(url, { ...options, maxInFlight: 1 });
}

async function isForkingAnvil(endpoint: Endpoint): Promise<boolean> {
  try {
    return infoSchema.safeParse(await endpoint.request("anvil_nodeInfo", [], { timeoutMs: 3_000 })).success;
  } catch {
    // No anvil, or not there now: the first real question tells what is wrong.
    return false;
  }
}
