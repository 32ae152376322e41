import pLimit from "p-limit";
import { RpcRefused, RpcTimedOut } from "./RpcError.ts";
import type { Endpoint, RpcAnswer, RpcCall } from "./rpcEndpoint.ts";

// A view of honest contracts takes a node some tens of milliseconds.
const mostMs = 2_000;
// All that a block waits for them: whoever makes many such contracts must not have it wait for each.
const allMs = 3_000;
const atOnce = 4;

/** An answer, and how long it took; "late" where there was none in time, "cut" where others had left it less time than it may have. */
export interface Costly {
  readonly answer: RpcAnswer | "late" | "cut";
  readonly ms: number;
}

/** Asks for calls that may take `endpoint` long, each by itself, in their order: in one request they would take all others with them. */
export function askCostly(endpoint: Endpoint, calls: readonly RpcCall[]): Promise<Costly[]> {
  const limit = pLimit(atOnce);
  const untilMs = performance.now() + allMs;
  return Promise.all(
    calls.map(({ method, params }) =>
      limit(async (): Promise<Costly> => {
        const startMs = performance.now();
        const ownMs = Math.min(mostMs, endpoint.timeoutMs);
        const leftMs = Math.min(ownMs, untilMs - startMs);
        const answer = leftMs <= 0 ? "late" : await askInTime(endpoint, { method, params }, leftMs);
        return { answer: answer === "late" && leftMs < ownMs ? "cut" : answer, ms: performance.now() - startMs };
      }),
    ),
  );
}

async function askInTime(
  endpoint: Endpoint,
  { method, params }: RpcCall,
  timeoutMs: number,
): Promise<RpcAnswer | "late"> {
  try {
    return { ok: true, result: await endpoint.request(method, params, { timeoutMs }) };
  } catch (error) {
    if (error instanceof RpcRefused) return { ok: false, error };
    if (error instanceof RpcTimedOut) return "late";
    throw error;
  }
}
