import type { Address, Hex } from "viem";

/** A log inside a frame, as callTracer reports it with `withLog`. */
export interface TraceLog {
  address: Address;
  topics: Hex[];
  data: Hex;
  /** How many subcalls of the same frame came before this log. */
  position: Hex;
}

/** A frame of a callTracer tree, in the field names of JSON-RPC. */
export interface CallFrame {
  type: "CALL" | "STATICCALL" | "DELEGATECALL" | "CALLCODE" | "CREATE" | "CREATE2" | "SELFDESTRUCT";
  from: Address;
  /** Absent on a creation that failed. */
  to?: Address;
  value?: Hex;
  gas: Hex;
  gasUsed: Hex;
  input: Hex;
  output?: Hex;
  error?: string;
  revertReason?: string;
  calls?: CallFrame[];
  logs?: TraceLog[];
}

/** Returns `frame` and every frame below it, parents before children, in call order. */
export function* framesOf(frame: CallFrame): Generator<CallFrame> {
  yield frame;
  for (const call of frame.calls ?? []) yield* framesOf(call);
}

/** Returns the logs of the frames that took effect, in the order in which they were emitted. */
export function* effectiveLogs(frame: CallFrame): Generator<TraceLog> {
  if (frame.error !== undefined) return;
  const calls = frame.calls ?? [];
  const logs = frame.logs ?? [];
  for (let index = 0; index <= calls.length; index++) {
    yield* logs.filter((log) => Number(log.position) === index);
    const call = calls[index];
    if (call !== undefined) yield* effectiveLogs(call);
  }
}

/** Parameters of `debug_traceTransaction` and `debug_traceBlockByHash` for a tree with logs. */
export const callTracerWithLogs = { tracer: "callTracer", tracerConfig: { withLog: true } } as const;
