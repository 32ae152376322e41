import type { CallFrame } from "@testudo/core/model/BlockBundle";
import type { Input } from "@testudo/core/model/Input";

// Ordinary blocks have fewer calls, logs and words in logs. What a judge takes for one of them on a slow machine.
const usualSize = 10_000;
const msEach = 0.025;
// A transaction that looks like a theft takes a judge a quarter of a millisecond by itself, and 1,500 of them fit into a block.
const sizeOfTx = 10;

/**
 * How long one detector may run on `input`, in milliseconds: `limitMs`, and more where a block has more calls, logs and
 * words in them than usual. Calls cost 120 gas each, so that somebody might hide behind a hundred thousand of them, and be judged by nobody.
 */
export function timeFor(input: Input, limitMs: number): number {
  if (input.kind !== "block" && input.kind !== "pending") return limitMs;
  const { txs, logs, traces = [] } = input.bundle;
  const calls = traces.reduce((sum, trace) => sum + callsIn(trace), 0);
  const size = logs.reduce((sum, { data }) => sum + 1 + (data.length >> 6), calls + sizeOfTx * txs.length);
  return limitMs + Math.ceil(Math.max(0, size - usualSize) * msEach);
}

function callsIn({ calls }: CallFrame): number {
  return calls.reduce((sum, call) => sum + callsIn(call), 1);
}
