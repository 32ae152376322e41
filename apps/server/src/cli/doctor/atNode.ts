import { type Endpoint, openEndpoint } from "@testudo/chain/rpc/rpcEndpoint";
import { type Check, failOf } from "./Check.ts";

const timeoutMs = 5_000;

/** What `check` finds at the node of `url`; what it throws fails as `name`. */
export async function atNode(
  url: string,
  name: string,
  check: (endpoint: Endpoint) => Promise<readonly Check[]>,
): Promise<readonly Check[]> {
  const endpoint = openEndpoint(url, { timeoutMs });
  try {
    return await check(endpoint);
  } catch (error) {
    return [failOf(name, error)];
  } finally {
    endpoint.close();
  }
}
