import type { CallFrame, FrameLog } from "@testudo/core/model/BlockBundle";
import type { TracedCall } from "@testudo/evm/readTrace";
import type { TracedFrame } from "../record/TracedFrame.ts";

/** A call tree of an engine as the domain knows it: without the gas of its frames and the numbers of its logs. */
export function toCallFrame({
  type,
  from,
  to,
  value,
  input,
  output,
  error,
  calls,
  logs,
}: TracedCall | TracedFrame): CallFrame {
  const frame = { type, from, to, value, input, output, calls: calls.map(toCallFrame), logs: logs.map(toFrameLog) };
  return error === undefined ? frame : { ...frame, error };
}

function toFrameLog({ address, topics, data, position }: (TracedCall | TracedFrame)["logs"][number]): FrameLog {
  return { address, topics, data, position };
}
