import type { RpcObserver } from "@testudo/chain/rpc/rpcEndpoint";
import type { Metrics } from "./Metrics.ts";

/** Counts what is asked of nodes. Endpoints come by their label, which holds no key. */
export function observeRpc({ rpcRequests, rpcErrors, rpcDuration }: Metrics): RpcObserver {
  return ({ endpoint, method, calls, ms, ok, refused }) => {
    rpcRequests.inc({ method, endpoint }, calls);
    // By zero too: a rate needs a sample from before the first error.
    rpcErrors.inc({ method, endpoint }, ok ? refused : calls);
    rpcDuration.observe({ method, endpoint }, ms / 1_000);
  };
}
