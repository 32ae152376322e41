import type { Endpoint, RpcAnswer } from "../rpc/rpcEndpoint.ts";

// As often a node may refuse what it could do: for want of time, or of a block that it does not have yet.
const mostRefusals = 3;
// Then it is tried again: blocks of before 2017 cannot run what later ones can, and nodes are updated.
const retryMs = 10 * 60_000;

/** Which nodes cannot do a thing, as far as their refusals tell. */
export function makeDoubt() {
  const refusals = new WeakMap<Endpoint, { readonly count: number; readonly atMs: number }>();
  return {
    has(endpoint: Endpoint): boolean {
      const known = refusals.get(endpoint);
      return known !== undefined && known.count >= mostRefusals && performance.now() - known.atMs < retryMs;
    },
    add(endpoint: Endpoint, isCertain: boolean): void {
      const count = isCertain ? mostRefusals : (refusals.get(endpoint)?.count ?? 0) + 1;
      refusals.set(endpoint, { count, atMs: performance.now() });
    },
    clear: (endpoint: Endpoint) => void refusals.delete(endpoint),
  };
}

/** Whether an answer is that of a node that does not know what is asked: it passes over it, or finds it wrong. */
export function isCertain(answer: RpcAnswer): boolean {
  return answer.ok || answer.error.code === -32602 || answer.error.code === -32601;
}
